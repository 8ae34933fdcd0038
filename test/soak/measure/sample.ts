import type { ProcessSample } from "../pipeline/messages.ts";

/** What a run does at a time: gives each key its first record; lets windows and buffers fill; is judged. */
export type Phase = "first records" | "filling" | "judged";

/** What was measured at a time. */
export interface Sample extends ProcessSample {
  /** Since the first record. */
  readonly atMs: number;
  readonly phase: Phase;
  /** Records put a second, since the sample before. */
  readonly perSecond: number;
  /** The longest lag reported since the sample before. */
  readonly mostLagMs: number;
}

/** What was reported of lag at a time. */
export interface LagReading {
  readonly atMs: number;
  readonly phase: Phase;
  /** The worst of all views; null: not known. */
  readonly lagMs: number | null;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** The medians of a measure in the first and in the last third of samples. */
export function thirds(
  samples: readonly Sample[],
  measure: (sample: Sample) => number,
): { readonly first: number; readonly last: number } {
  const size = Math.max(1, Math.floor(samples.length / 3));
  return {
    first: median(samples.slice(0, size).map(measure)),
    last: median(samples.slice(-size).map(measure)),
  };
}
