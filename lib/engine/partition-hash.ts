import { hash } from "node:crypto";

/** The range of MD5 values of a shard, as 32 lower-case hex digits each, both inclusive. */
export interface HashRange {
  readonly start: string;
  readonly end: string;
}

/** Kinesis's hash of a partition key: MD5 of its UTF-8 bytes, as 32 lower-case hex digits. */
export function partitionHash(partitionKey: string): string {
  return hash("md5", partitionKey, "hex");
}

/** Whether a shard's range holds a hash. Equal widths make text order number order. */
export function rangeHolds(range: HashRange, hash: string): boolean {
  return range.start <= hash && hash <= range.end;
}

/** A range as Kinesis describes it: decimal numbers up to 2^128 - 1. */
export function hashRange(startingHashKey: string, endingHashKey: string): HashRange {
  const hex = (decimal: string) => BigInt(decimal).toString(16).padStart(32, "0");
  return { start: hex(startingHashKey), end: hex(endingHashKey) };
}
