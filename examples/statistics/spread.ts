/** Median and 99th percentile; null without values. */
export interface Spread {
  readonly p50: number | null;
  readonly p99: number | null;
}

/** The values at the ranks floor(p (n - 1)) of the sorted values, for p of a half and 0.99. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (p: number): number | null => sorted[Math.floor(p * (sorted.length - 1))] ?? null;
  return { p50: at(0.5), p99: at(0.99) };
}
