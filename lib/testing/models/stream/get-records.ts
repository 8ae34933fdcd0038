import type { ChildShard, GetRecordsInput, GetRecordsOutput } from "@aws-sdk/client-kinesis";
import { onlyFields } from "../answer.ts";
import { describeHashKeys, type KeptRecord, placeOf, type Shard } from "./shard.ts";
import { issueIterator, resolveIterator } from "./shard-iterator.ts";
import type { Stream, Streams } from "./stream.ts";
import { validationError } from "./stream-errors.ts";

const MAX_RECORDS = 10_000;
/** 10 MiB of data and partition keys. */
const MAX_BYTES = 10 * 1024 * 1024;

export function getRecords(streams: Streams, input: GetRecordsInput): GetRecordsOutput {
  onlyFields("GetRecords", input, ["ShardIterator", "Limit"]);
  const { Limit = MAX_RECORDS } = input;
  if (!(Limit >= 1 && Limit <= MAX_RECORDS)) {
    throw validationError(`Value '${Limit}' at 'limit' failed to satisfy constraint: 1 to ${MAX_RECORDS}`);
  }
  const { stream, shard, from } = resolveIterator(streams, input.ShardIterator);
  const start = placeOf(shard, from);
  const end = endOfPage(shard, start, Limit);
  const records = shard.records.slice(start, end);
  const unread = shard.records[end];
  const answer = {
    Records: records.map(describeRecord),
    // Zero says that nothing is left, and nothing else does.
    MillisBehindLatest: unread === undefined ? 0 : Math.max(1, streams.clock.now() - unread.arrivalMs),
  };
  const isOver = records.length === 0 || streams.closedShardEnds === "with-last-records";
  if (shard.closedMs !== undefined && unread === undefined && isOver) {
    return { ...answer, ChildShards: childrenOf(stream, shard) };
  }
  const next = records.at(-1)?.sequenceNumber;
  return {
    ...answer,
    NextShardIterator: issueIterator(streams, stream, shard, next === undefined ? from : next + 1n),
  };
}

function endOfPage(shard: Shard, start: number, limit: number): number {
  let end = start;
  let bytes = 0;
  for (; end < shard.records.length && end - start < limit; end++) {
    const { data, partitionKey } = shard.records[end]!;
    bytes += data.byteLength + Buffer.byteLength(partitionKey);
    if (bytes > MAX_BYTES && end > start) break;
  }
  return end;
}

function describeRecord({ sequenceNumber, partitionKey, data, arrivalMs }: KeptRecord) {
  return {
    SequenceNumber: String(sequenceNumber),
    PartitionKey: partitionKey,
    Data: Uint8Array.from(data),
    ApproximateArrivalTimestamp: new Date(arrivalMs),
  };
}

function childrenOf(stream: Stream, shard: Shard): ChildShard[] {
  return stream.shards
    .filter(({ parents }) => parents.includes(shard.id))
    .map(({ id, parents, hashKeys }) => ({
      ShardId: id,
      ParentShards: [...parents],
      HashKeyRange: describeHashKeys(hashKeys),
    }));
}
