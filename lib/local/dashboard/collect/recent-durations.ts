/** The newest durations, and their percentiles. */
export interface RecentDurations {
  add(atMs: number, durationMs: number): void;
  percentiles(nowMs: number): DurationPercentiles;
}

export interface DurationPercentiles {
  readonly samples: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** Keeps at most `capacity` durations, none older than `keepMs`. Percentiles are by nearest rank. */
export function createRecentDurations(options: {
  readonly capacity: number;
  readonly keepMs: number;
}): RecentDurations {
  const { capacity, keepMs } = options;
  const times = new Float64Array(capacity);
  const durations = new Float64Array(capacity);
  let added = 0;
  return {
    add(atMs, durationMs) {
      times[added % capacity] = atMs;
      durations[added % capacity] = durationMs;
      added++;
    },
    percentiles(nowMs) {
      const held = Math.min(added, capacity);
      const recent = durations
        .slice(0, held)
        .filter((_, index) => nowMs - times[index]! <= keepMs)
        .sort();
      const at = (part: number) => recent[Math.max(0, Math.ceil(part * recent.length) - 1)] ?? null;
      return { samples: recent.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
    },
  };
}
