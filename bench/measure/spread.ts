/** Where a half of the values lie below, and how far they reach. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** @throws RangeError without values: what was not measured has no median. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("a spread of no values was asked for.");
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, lowest: sorted[0]!, highest: sorted.at(-1)! };
}

/** The value at the rank floor(share (n - 1)) of the sorted values. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("a quantile of no values was asked for.");
  return Float64Array.from(values).sort()[Math.floor(share * (values.length - 1))]!;
}
