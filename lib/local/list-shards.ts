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
  /** The shards that it was split or merged from, as far as Kinesis knows them: expired ones are listed no more. */
  readonly parentIds: readonly string[];
  /** Whether it still takes records. */
  readonly isOpen: boolean;
}

/** All shards of a stream, in the order that Kinesis names them. */
export async function listShards(
  kinesis: Pick<KinesisClient, "send">,
  streamName: string,
): Promise<readonly StreamShard[]> {
  const shards: StreamShard[] = [];
  let request: ListShardsCommandInput | null = { StreamName: streamName };
  while (request !== null) {
    const answer: ListShardsCommandOutput = await kinesis.send(new ListShardsCommand(request));
    const { Shards = [], NextToken } = answer;
    for (const shard of Shards) {
      const parents = [shard.ParentShardId, shard.AdjacentParentShardId];
      shards.push({
        shardId: shard.ShardId!,
        startingHashKey: shard.HashKeyRange!.StartingHashKey!,
        endingHashKey: shard.HashKeyRange!.EndingHashKey!,
        parentIds: parents.filter((parent) => parent !== undefined),
        isOpen: shard.SequenceNumberRange!.EndingSequenceNumber === undefined,
      });
    }
    request = NextToken === undefined ? null : { NextToken };
  }
  return shards;
}
