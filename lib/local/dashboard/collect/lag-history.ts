import type { LagSample } from "../snapshot.ts";

/** The newest lags of each view. */
export interface LagHistory {
  /** Notes a lag, unless the last was noted less than a moment ago: several pages watch one history. */
  note(viewId: string, atMs: number, lagMs: number | null): void;
  /** Oldest first. */
  of(viewId: string): readonly LagSample[];
}

const MOST_SAMPLES = 120;
const LEAST_APART_MS = 500;

export function createLagHistory(): LagHistory {
  const samples = new Map<string, LagSample[]>();
  return {
    note(viewId, atMs, lagMs) {
      const own = samples.get(viewId) ?? [];
      samples.set(viewId, own);
      const last = own.at(-1);
      if (last !== undefined && atMs - last[0] < LEAST_APART_MS) return;
      own.push([atMs, lagMs]);
      if (own.length > MOST_SAMPLES) own.shift();
    },
    of: (viewId) => [...(samples.get(viewId) ?? [])],
  };
}
