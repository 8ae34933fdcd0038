import type { LagReading } from "./sample.ts";

/** What the lag must never come to, and what it must stay below in 99 of 100 readings. */
export const MOST_LAG_MS = 30_000;
export const USUAL_LAG_MS = 10_000;

export interface LagVerdict {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  readonly readings: number;
  /** What is wrong; none: bounded. */
  readonly faults: readonly string[];
}

/** @param bounds - of the 99th percentile and of every reading. */
export function judgeLag(
  readings: readonly LagReading[],
  bounds = { p99Ms: USUAL_LAG_MS, mostMs: MOST_LAG_MS },
): LagVerdict {
  const unknown = readings.filter(({ lagMs }) => lagMs === null).length;
  const sorted = readings.map(({ lagMs }) => lagMs ?? Infinity).sort((left, right) => left - right);
  const percentile = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Infinity;
  const p99Ms = percentile(0.99);
  const mostMs = sorted.at(-1) ?? Infinity;
  const faults: string[] = [];
  if (readings.length === 0) faults.push("lag was never read.");
  if (unknown > 0) faults.push(`lag was unknown in ${unknown} of ${readings.length} readings.`);
  if (p99Ms > bounds.p99Ms) faults.push(`99 % of lags are below ${p99Ms} ms; ${bounds.p99Ms} ms is allowed.`);
  if (mostMs > bounds.mostMs) faults.push(`lag came to ${mostMs} ms; ${bounds.mostMs} ms is allowed.`);
  return { p50Ms: percentile(0.5), p99Ms, mostMs, readings: readings.length, faults };
}
