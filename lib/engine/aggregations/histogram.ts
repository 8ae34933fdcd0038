import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredParameter } from "./required-parameter.ts";
import { requiredValue } from "./required-value.ts";

/** Counts by bucket: null before the first value. */
function histogramKind(edges: readonly number[]): ColumnKind<number[] | null> {
  const buckets = edges.length + 1;
  return {
    id: `histogram/${edges.join(",")}`,
    accepts: "number",
    maxBytes: 1 + 9 * buckets,
    maxGrowthBytes: 2,
    zero: () => null,
    add(partial, { value }) {
      const counts = partial ?? new Array<number>(buckets).fill(0);
      counts[bucketOf(edges, value as number)]!++;
      return counts;
    },
    merge(left, right) {
      if (right === null) return left;
      if (left === null) return right.slice();
      for (let i = 0; i < buckets; i++) left[i]! += right[i]!;
      return left;
    },
    /** How many buckets are not empty; for each how many empty ones it follows, and its count. */
    encode(writer, partial) {
      const counts = partial ?? [];
      writer.byte(counts.reduce((filled, count) => filled + (count === 0 ? 0 : 1), 0));
      let next = 0;
      for (let i = 0; i < counts.length; i++) {
        if (counts[i] === 0) continue;
        writer.byte(i - next);
        writer.varint(counts[i]!);
        next = i + 1;
      }
    },
    decode(reader) {
      const filled = reader.byte();
      if (filled === 0) return null;
      const counts = new Array<number>(buckets).fill(0);
      let next = 0;
      for (let i = 0; i < filled; i++) {
        const bucket = next + reader.byte();
        if (bucket >= buckets) reader.refuse(`has a histogram with a bucket ${bucket} of ${buckets}`);
        counts[bucket] = reader.varint();
        next = bucket + 1;
      }
      return counts;
    },
  };
}

/** How many edges the value has reached. */
function bucketOf(edges: readonly number[], value: number): number {
  let from = 0;
  let to = edges.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (edges[middle]! <= value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/**
 * How many values lie below the first edge, from each edge on to below the next, and from the last edge on: a list of
 * one count more than there are edges. Null when there are no values.
 */
export const histogram: Aggregation = {
  name: "histogram",
  accuracy: "exact",
  columns: (call) => [
    { kind: histogramKind(requiredParameter(call, "edges")), value: requiredValue(call), where: call.where },
  ],
  result: ([counts]: readonly (readonly number[] | null)[]) => counts?.slice() ?? null,
};
