import type { Shard as ShardDescription } from "@aws-sdk/client-kinesis";
import { ENDING_INDEX, sequenceNumber } from "./sequence-number.ts";

/** A record as the stream holds it. */
export interface KeptRecord {
  readonly sequenceNumber: bigint;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly arrivalMs: number;
}

/** Hashes of partition keys, both ends inclusive. */
export interface HashKeys {
  readonly first: bigint;
  readonly last: bigint;
}

export interface Shard {
  readonly id: string;
  readonly index: number;
  readonly parents: readonly string[];
  readonly hashKeys: HashKeys;
  /** The part of its numbers that they share. */
  readonly createdSeconds: number;
  readonly records: KeptRecord[];
  nextRecordIndex: bigint;
  /** When it was split or merged, epoch ms. */
  closedMs: number | undefined;
}

export function openShard(options: {
  readonly index: number;
  readonly parents: readonly string[];
  readonly hashKeys: HashKeys;
  readonly createdSeconds: number;
}): Shard {
  const id = `shardId-${String(options.index).padStart(12, "0")}`;
  return { ...options, id, records: [], nextRecordIndex: 1n, closedMs: undefined };
}

export const startingNumber = ({ index, createdSeconds }: Shard): bigint =>
  sequenceNumber({
    shardCreatedSeconds: createdSeconds,
    shardIndex: index,
    recordIndex: 0n,
    arrivedSeconds: createdSeconds,
  });

/** The lowest number that a record put from now on may have. */
export const tipNumber = (shard: Shard): bigint =>
  sequenceNumber({
    shardCreatedSeconds: shard.createdSeconds,
    shardIndex: shard.index,
    recordIndex: shard.nextRecordIndex,
    arrivedSeconds: 0,
  });

/** Appends a record, and answers its number. */
export function appendRecord(shard: Shard, record: Omit<KeptRecord, "sequenceNumber">): bigint {
  const number = sequenceNumber({
    shardCreatedSeconds: shard.createdSeconds,
    shardIndex: shard.index,
    recordIndex: shard.nextRecordIndex,
    arrivedSeconds: Math.floor(record.arrivalMs / 1_000),
  });
  shard.nextRecordIndex++;
  shard.records.push({ ...record, sequenceNumber: number });
  return number;
}

/** Where the first record of at least a number stands, or would. */
export function placeOf(shard: Shard, from: bigint): number {
  let low = 0;
  let high = shard.records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (shard.records[middle]!.sequenceNumber < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function describeShard(shard: Shard): ShardDescription {
  const [parent, adjacent] = shard.parents;
  return {
    ShardId: shard.id,
    ...(parent === undefined ? {} : { ParentShardId: parent }),
    ...(adjacent === undefined ? {} : { AdjacentParentShardId: adjacent }),
    HashKeyRange: describeHashKeys(shard.hashKeys),
    SequenceNumberRange: {
      StartingSequenceNumber: String(startingNumber(shard)),
      ...(shard.closedMs === undefined
        ? {}
        : { EndingSequenceNumber: String(endingNumber(shard, shard.closedMs)) }),
    },
  };
}

export const describeHashKeys = ({ first, last }: HashKeys) => ({
  StartingHashKey: String(first),
  EndingHashKey: String(last),
});

const endingNumber = ({ index, createdSeconds }: Shard, closedMs: number): bigint =>
  sequenceNumber({
    shardCreatedSeconds: createdSeconds,
    shardIndex: index,
    recordIndex: ENDING_INDEX,
    arrivedSeconds: Math.floor(closedMs / 1_000),
  });
