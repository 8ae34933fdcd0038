import { FreshetError } from "../../define/error.ts";
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import { bucketKey, bucketValue, KEY_OF_ONE } from "./ddsketch-buckets.ts";

/**
 * How many buckets a sketch keeps beside zero: 27 octaves without a gap, one sign. Past that, the values of least
 * magnitude count as zero, which keeps their order but not their 1 %.
 */
export const MAX_BUCKETS = 1024;

/** A bucket counts up to 2^35 - 1 values, and stays there: its count takes at most five bytes. */
export const MAX_BUCKET_COUNT = 34_359_738_367;

/**
 * The most bytes that {@link encodeDDSketch} writes: 2 for the head, 2 for the number of negative buckets, 5 for the
 * count of zero; for a bucket 2 of gap and 5 of count. The first gap of each sign, and gaps of 8,192 keys and more,
 * of which a sign's range has room for nine, take one more.
 */
export const MAX_DDSKETCH_BYTES = 2 + 2 + 5 + MAX_BUCKETS * 7 + 2 * (1 + 9);

/**
 * The most that one value lengthens a sketch's bytes by: 4 for a new bucket, 2 for one that was the first of its sign
 * or becomes it, 2 in the numbers of buckets, and 6 for zero when a bucket collapses into it.
 */
export const MAX_DDSKETCH_GROWTH_BYTES = 4 + 2 + 2 + 6;

/**
 * A DDSketch: counts of values in buckets of relative width, for quantiles within 1 % of the value asked for.
 * Its contents are a pure function of the multiset of values, in whatever order and parts they came; so are its bytes.
 */
export interface DDSketch {
  /** Bucket keys in ascending order; 0 holds zero. */
  keys: number[];
  /** `counts[i]` values lie in bucket `keys[i]`. */
  counts: number[];
}

export const createDDSketch = (): DDSketch => ({ keys: [], counts: [] });

/** Adds a finite value. */
export function addValue(sketch: DDSketch, value: number): void {
  addToBucket(sketch, bucketKey(value), 1);
}

/** Makes `left` the sketch of both sides' values; `right` stays as it is. */
export function mergeDDSketch(left: DDSketch, right: DDSketch): void {
  // A few buckets are sought; many are merged in one pass.
  if (right.keys.length * 8 < left.keys.length) {
    for (let i = 0; i < right.keys.length; i++) addToBucket(left, right.keys[i]!, right.counts[i]!);
    return;
  }
  const most = left.keys.length + right.keys.length;
  const keys = new Array<number>(most);
  const counts = new Array<number>(most);
  let size = 0;
  let l = 0;
  let r = 0;
  while (l < left.keys.length || r < right.keys.length) {
    const a = l < left.keys.length ? left.keys[l]! : Number.POSITIVE_INFINITY;
    const b = r < right.keys.length ? right.keys[r]! : Number.POSITIVE_INFINITY;
    const count = (a <= b ? left.counts[l++]! : 0) + (b <= a ? right.counts[r++]! : 0);
    keys[size] = Math.min(a, b);
    counts[size++] = Math.min(count, MAX_BUCKET_COUNT);
  }
  keys.length = size;
  counts.length = size;
  left.keys = keys;
  left.counts = counts;
  while (collapseOne(left));
}

/** The first place whose key is at least `key`. */
function placeOf(keys: readonly number[], key: number): number {
  let from = 0;
  let to = keys.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (keys[middle]! < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

function addToBucket(sketch: DDSketch, key: number, count: number): void {
  const { keys, counts } = sketch;
  const place = placeOf(keys, key);
  if (place < keys.length && keys[place] === key) {
    counts[place] = Math.min(counts[place]! + count, MAX_BUCKET_COUNT);
    return;
  }
  keys.push(key);
  counts.push(count);
  for (let i = keys.length - 1; i > place; i--) {
    keys[i] = keys[i - 1]!;
    counts[i] = counts[i - 1]!;
  }
  keys[place] = key;
  counts[place] = count;
  collapseOne(sketch);
}

/**
 * Counts the bucket of least magnitude (of two alike the negative one) as zero when there is one too many. The buckets
 * kept are always the greatest in that order of all that were ever met, so that order and parts do not matter.
 * False when nothing had to be.
 */
function collapseOne(sketch: DDSketch): boolean {
  const { keys, counts } = sketch;
  if (keys.length <= MAX_BUCKETS) return false;
  const firstPositive = placeOf(keys, 1);
  const hasZero = firstPositive > 0 && keys[firstPositive - 1] === 0;
  if (keys.length - (hasZero ? 1 : 0) <= MAX_BUCKETS) return false;
  const lastNegative = firstPositive - (hasZero ? 2 : 1);
  const least =
    firstPositive === keys.length || (lastNegative >= 0 && -keys[lastNegative]! <= keys[firstPositive]!)
      ? lastNegative
      : firstPositive;
  if (hasZero) {
    const zero = firstPositive - 1;
    counts[zero] = Math.min(counts[zero]! + counts[least]!, MAX_BUCKET_COUNT);
    keys.splice(least, 1);
    counts.splice(least, 1);
  } else keys[least] = 0;
  return true;
}

/**
 * The value at index floor(p * (n - 1)) of the sorted values, within 1 % of it; null when there are none.
 *
 * @param p 0 to 1
 */
export function quantile(sketch: DDSketch, p: number): number | null {
  const { keys, counts } = sketch;
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return null;
  const rank = Math.floor(p * (total - 1));
  let below = 0;
  for (let i = 0; i < keys.length; i++) {
    below += counts[i]!;
    if (below > rank) return bucketValue(keys[i]!);
  }
  return bucketValue(keys[keys.length - 1]!);
}

/**
 * The number of positive buckets and whether there are negative ones and zero; then the count of zero, the negative
 * buckets after their number, and the positive ones. A bucket is its gap from the one before, towards greater
 * magnitude (the first: from the bucket of 1), with a bit for a count above 1, which then follows.
 */
export function encodeDDSketch(writer: ByteWriter, sketch: DDSketch): void {
  const { keys, counts } = sketch;
  const firstPositive = placeOf(keys, 1);
  const hasZero = firstPositive > 0 && keys[firstPositive - 1] === 0;
  const negatives = hasZero ? firstPositive - 1 : firstPositive;
  writer.varint((keys.length - firstPositive) * 4 + (negatives > 0 ? 2 : 0) + (hasZero ? 1 : 0));
  if (hasZero) writer.varint(counts[firstPositive - 1]!);
  if (negatives > 0) {
    writer.varint(negatives);
    for (let i = negatives - 1; i >= 0; i--) {
      writeBucket(writer, -keys[i]!, i === negatives - 1 ? null : -keys[i + 1]!, counts[i]!);
    }
  }
  for (let i = firstPositive; i < keys.length; i++) {
    writeBucket(writer, keys[i]!, i === firstPositive ? null : keys[i - 1]!, counts[i]!);
  }
}

function writeBucket(writer: ByteWriter, key: number, before: number | null, count: number): void {
  const repeated = count > 1 ? 1 : 0;
  if (before === null) {
    const fromOne = key - KEY_OF_ONE;
    writer.varint((fromOne < 0 ? -fromOne * 2 - 1 : fromOne * 2) * 2 + repeated);
  } else writer.varint((key - before - 1) * 2 + repeated);
  if (repeated === 1) writer.varint(count - 2);
}

export function decodeDDSketch(reader: ByteReader): DDSketch {
  const head = reader.varint();
  const zeros = head & 1 ? reader.varint() : 0;
  const negatives = head & 2 ? reader.varint() : 0;
  const positives = Math.floor(head / 4);
  if (negatives + positives > MAX_BUCKETS) {
    throw new FreshetError(
      "IMAGE_CORRUPT",
      `a DDSketch has ${negatives + positives} buckets; ${MAX_BUCKETS} is the most that one can have.`,
    );
  }
  const firstPositive = negatives + (zeros > 0 ? 1 : 0);
  const keys = new Array<number>(firstPositive + positives);
  const counts = new Array<number>(firstPositive + positives);
  let key = 0;
  for (let i = 0; i < negatives; i++) {
    const code = reader.varint();
    key = i === 0 ? firstKey(code >>> 1) : key + (code >>> 1) + 1;
    keys[negatives - 1 - i] = -key;
    counts[negatives - 1 - i] = code & 1 ? reader.varint() + 2 : 1;
  }
  if (zeros > 0) {
    keys[negatives] = 0;
    counts[negatives] = zeros;
  }
  for (let i = 0; i < positives; i++) {
    const code = reader.varint();
    key = i === 0 ? firstKey(code >>> 1) : key + (code >>> 1) + 1;
    keys[firstPositive + i] = key;
    counts[firstPositive + i] = code & 1 ? reader.varint() + 2 : 1;
  }
  return { keys, counts };
}

function firstKey(fromOne: number): number {
  return KEY_OF_ONE + (fromOne & 1 ? -(fromOne + 1) / 2 : fromOne / 2);
}
