import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import { type Hash64, hashScalar } from "../hash.ts";
import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredParameter } from "./required-parameter.ts";
import { requiredValue } from "./required-value.ts";

/** The distinct values of a tile, as 64-bit hashes in ascending order: high half, low half, and so on. */
interface DistinctValues {
  /** Empty once there are as many as the kind counts to: then the count is all that is left to know. */
  hashes: number[];
  isFull: boolean;
}

const hash: Hash64 = { high: 0, low: 0 };

function distinctKind(max: number): ColumnKind<DistinctValues | null> {
  return {
    id: `distinct/${max}`,
    accepts: "scalar",
    maxBytes: 2 + 8 * (max - 1),
    maxGrowthBytes: 9,
    zero: () => null,
    add(partial, { value }) {
      const values = partial ?? { hashes: [], isFull: false };
      if (values.isFull) return values;
      hashScalar(value, hash);
      insert(values.hashes, hash.high, hash.low);
      return closedWhenFull(values, max);
    },
    merge(left, right) {
      if (right === null) return left;
      if (left === null) return { hashes: right.hashes.slice(), isFull: right.isFull };
      if (left.isFull) return left;
      if (right.isFull) return { hashes: [], isFull: true };
      left.hashes = union(left.hashes, right.hashes);
      return closedWhenFull(left, max);
    },
    /** How many there are, and their hashes; as many as the kind counts to stand without. */
    encode(writer: ByteWriter, partial) {
      writer.varint(partial === null ? 0 : partial.isFull ? max : partial.hashes.length / 2);
      for (const half of partial?.hashes ?? []) writer.uint32(half);
    },
    decode(reader: ByteReader) {
      const size = reader.varint();
      if (size > max) reader.refuse(`has ${size} distinct values where ${max} is the most`);
      if (size === 0) return null;
      const isFull = size === max;
      return { hashes: isFull ? [] : Array.from({ length: 2 * size }, () => reader.uint32()), isFull };
    },
  };
}

function closedWhenFull(values: DistinctValues, max: number): DistinctValues {
  if (values.hashes.length < 2 * max) return values;
  values.hashes = [];
  values.isFull = true;
  return values;
}

function compare(high: number, low: number, hashes: readonly number[], at: number): number {
  return high - hashes[at]! || low - hashes[at + 1]!;
}

function insert(hashes: number[], high: number, low: number): void {
  let from = 0;
  let to = hashes.length / 2;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compare(high, low, hashes, 2 * middle) > 0) from = middle + 1;
    else to = middle;
  }
  if (2 * from < hashes.length && compare(high, low, hashes, 2 * from) === 0) return;
  hashes.splice(2 * from, 0, high, low);
}

function union(left: readonly number[], right: readonly number[]): number[] {
  const hashes: number[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const order = l === left.length ? 1 : r === right.length ? -1 : compare(left[l]!, left[l + 1]!, right, r);
    if (order <= 0) hashes.push(left[l]!, left[l + 1]!);
    else hashes.push(right[r]!, right[r + 1]!);
    if (order <= 0) l += 2;
    if (order >= 0) r += 2;
  }
  return hashes;
}

/**
 * The number of distinct values, up to `max`: that many stands for that many or more, whatever the order of events.
 * `1`, `"1"` and `true` are distinct; values are told apart by a 64-bit hash, which mistakes two of a thousand with a
 * chance of 3e-14. 0 for an empty window.
 */
export const distinct: Aggregation = {
  name: "distinct",
  accuracy: "exact up to max, which stands for that many or more",
  columns: (call) => [
    { kind: distinctKind(requiredParameter(call, "max")), value: requiredValue(call), where: call.where },
  ],
  result: ([values]: readonly (DistinctValues | null)[], { parameters }) => {
    if (values === null || values === undefined) return 0;
    return values.isFull ? parameters.max! : values.hashes.length / 2;
  },
};
