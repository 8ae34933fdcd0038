import type { Scalar } from "../../define/where.ts";

/**
 * The frequent values of a stream: Misra and Gries's counters, at most `capacity` of them. A counter is at most `missed`
 * below the true count, and never above it; a value without a counter came at most `missed` times. For n values `missed`
 * is at most n / (capacity + 1), in whatever parts they came (Agarwal and others, "Mergeable summaries", 2012); while
 * there are no more than `capacity` distinct ones it is 0.
 */
export interface FrequentValues {
  counts: Map<Scalar, number>;
  missed: number;
}

export const createFrequentValues = (): FrequentValues => ({ counts: new Map(), missed: 0 });

/** Counts a value; when every counter is taken by another, all of them go down by one instead. */
export function addFrequent(sketch: FrequentValues, value: Scalar, capacity: number): void {
  const { counts } = sketch;
  const count = counts.get(value);
  if (count !== undefined) counts.set(value, count + 1);
  else if (counts.size < capacity) counts.set(value, 1);
  else lower(sketch, 1);
}

/** Makes `left` the sketch of both sides' values; `right` stays as it is. */
export function mergeFrequent(left: FrequentValues, right: FrequentValues, capacity: number): void {
  const { counts } = left;
  for (const [value, count] of right.counts) counts.set(value, (counts.get(value) ?? 0) + count);
  left.missed += right.missed;
  if (counts.size <= capacity) return;
  // What the greatest counter too many holds is taken from all, so that as many remain as there is room for, or fewer.
  const descending = [...counts.values()].sort((a, b) => b - a);
  lower(left, descending[capacity]!);
}

function lower(sketch: FrequentValues, by: number): void {
  const { counts } = sketch;
  for (const [value, count] of counts) {
    if (count > by) counts.set(value, count - by);
    else counts.delete(value);
  }
  sketch.missed += by;
}

const TYPES = ["number", "string", "boolean"];

/** An order of all values: numbers, texts by code units, false, true. */
export function compareScalars(left: Scalar, right: Scalar): number {
  if (typeof left !== typeof right) return TYPES.indexOf(typeof left) - TYPES.indexOf(typeof right);
  return left < right ? -1 : left > right ? 1 : 0;
}
