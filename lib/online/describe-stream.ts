import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsCommandOutput,
  type Shard,
} from "@aws-sdk/client-kinesis";
import { FreshetError } from "../define/error.ts";
import { type HashRange, hashRange } from "../engine/partition-hash.ts";

export interface ShardDescription {
  readonly shardId: string;
  readonly hashRange: HashRange;
  /** Shard ids that it was split or merged from. */
  readonly parents: readonly string[];
  /** Whether it still takes records. */
  readonly open: boolean;
}

/** What a stream says of itself. ARN and creation time are its incarnation (R1). */
export interface StreamDescription {
  readonly arn: string;
  /** Epoch ms. */
  readonly createdMs: number;
  /** Open shards, and closed ones that still hold records. */
  readonly shards: readonly ShardDescription[];
}

/**
 * Describes a stream, all its shards included.
 *
 * @param stream - name, or ARN for a stream of another account.
 * @throws FreshetError `STREAM_UNAVAILABLE`
 * @example
 * ```ts
 * const { shards } = await describeStream(new KinesisClient(), "transactions");
 * ```
 */
export async function describeStream(client: KinesisClient, stream: string): Promise<StreamDescription> {
  const target = stream.startsWith("arn:") ? { StreamARN: stream } : { StreamName: stream };
  try {
    const { StreamDescriptionSummary: summary } = await client.send(new DescribeStreamSummaryCommand(target));
    const shards: ShardDescription[] = [];
    let nextToken: string | undefined;
    do {
      const command: ListShardsCommand = new ListShardsCommand(
        nextToken === undefined ? target : { NextToken: nextToken },
      );
      const page: ListShardsCommandOutput = await client.send(command);
      for (const shard of page.Shards ?? []) shards.push(describeShard(shard));
      nextToken = page.NextToken;
    } while (nextToken !== undefined);
    return { arn: summary!.StreamARN!, createdMs: summary!.StreamCreationTimestamp!.getTime(), shards };
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new FreshetError("STREAM_UNAVAILABLE", `stream ${stream} could not be described: ${reason}`, {
      cause,
    });
  }
}

function describeShard(shard: Shard): ShardDescription {
  return {
    shardId: shard.ShardId!,
    hashRange: hashRange(shard.HashKeyRange!.StartingHashKey!, shard.HashKeyRange!.EndingHashKey!),
    parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((parent) => parent !== undefined),
    open: shard.SequenceNumberRange!.EndingSequenceNumber === undefined,
  };
}
