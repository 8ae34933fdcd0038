import {
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandInput,
  type ListShardsCommandOutput,
} from "@aws-sdk/client-kinesis";

/** A shard of a stream, with the range of key hashes it takes, both ends inclusive. */
export interface StreamShard {
  readonly shardId: string;
  readonly startingHashKey: string;
  readonly endingHashKey: string;
  /** Whether it still takes records. */
  readonly isOpen: boolean;
}

/** All shards of a stream, in the order that Kinesis names them. */
export async function listShards(
  kinesis: KinesisClient,
  streamName: string,
): Promise<readonly StreamShard[]> {
  const shards: StreamShard[] = [];
  let request: ListShardsCommandInput | null = { StreamName: streamName };
  while (request !== null) {
    const answer: ListShardsCommandOutput = await kinesis.send(new ListShardsCommand(request));
    const { Shards = [], NextToken } = answer;
    for (const { ShardId, HashKeyRange, SequenceNumberRange } of Shards) {
      shards.push({
        shardId: ShardId!,
        startingHashKey: HashKeyRange!.StartingHashKey!,
        endingHashKey: HashKeyRange!.EndingHashKey!,
        isOpen: SequenceNumberRange!.EndingSequenceNumber === undefined,
      });
    }
    request = NextToken === undefined ? null : { NextToken };
  }
  return shards;
}
