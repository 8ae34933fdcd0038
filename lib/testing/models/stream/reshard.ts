import type { MergeShardsInput, SplitShardInput } from "@aws-sdk/client-kinesis";
import { onlyFields } from "../answer.ts";
import { type HashKeys, openShard, type Shard } from "./shard.ts";
import { findShard, findStream, type Stream, type Streams } from "./stream.ts";
import { invalidArgument, validationError } from "./stream-errors.ts";

/** Takes effect at once. */
export function splitShard(streams: Streams, input: SplitShardInput): object {
  onlyFields("SplitShard", input, ["StreamName", "StreamARN", "ShardToSplit", "NewStartingHashKey"]);
  const stream = findStream(streams, input);
  const shard = findOpenShard(streams, stream, input.ShardToSplit);
  const { NewStartingHashKey: text = "" } = input;
  if (!/^(0|[1-9]\d{0,38})$/.test(text)) {
    throw validationError(`Value '${text}' at 'newStartingHashKey' failed to satisfy constraint`);
  }
  const middle = BigInt(text);
  const { first, last } = shard.hashKeys;
  if (middle <= first + 1n || middle >= last) {
    throw invalidArgument(
      `NewStartingHashKey ${text} used in SplitShard() on shard ${shard.id} is not both greater than one plus the shard's StartingHashKey ${first} and less than the shard's EndingHashKey ${last}.`,
    );
  }
  replace(
    streams,
    stream,
    [shard],
    [
      { first, last: middle - 1n },
      { first: middle, last },
    ],
  );
  return {};
}

/** Takes effect at once. */
export function mergeShards(streams: Streams, input: MergeShardsInput): object {
  onlyFields("MergeShards", input, ["StreamName", "StreamARN", "ShardToMerge", "AdjacentShardToMerge"]);
  const stream = findStream(streams, input);
  const lower = findOpenShard(streams, stream, input.ShardToMerge);
  const upper = findOpenShard(streams, stream, input.AdjacentShardToMerge);
  if (lower.hashKeys.last + 1n !== upper.hashKeys.first) {
    throw invalidArgument(
      `Shards ${lower.id} and ${upper.id} are not an adjacent pair of shards eligible for merging`,
    );
  }
  replace(streams, stream, [lower, upper], [{ first: lower.hashKeys.first, last: upper.hashKeys.last }]);
  return {};
}

function findOpenShard(streams: Streams, stream: Stream, shardId: string | undefined): Shard {
  const shard = findShard(streams, stream, shardId);
  if (shard.closedMs !== undefined) throw invalidArgument(`Shard ${shard.id} is closed.`);
  return shard;
}

function replace(
  { clock, childNumbers }: Streams,
  stream: Stream,
  parents: readonly Shard[],
  ranges: readonly HashKeys[],
): void {
  const parentSeconds = parents.map(({ createdSeconds }) => createdSeconds);
  const createdSeconds =
    childNumbers === "below-parents"
      ? Math.min(...parentSeconds) - 1
      : Math.max(Math.floor(clock.now() / 1_000), ...parentSeconds) + 1;
  for (const parent of parents) parent.closedMs = clock.now();
  for (const hashKeys of ranges) {
    const ids = parents.map(({ id }) => id);
    stream.shards.push(openShard({ index: stream.shards.length, parents: ids, hashKeys, createdSeconds }));
  }
}
