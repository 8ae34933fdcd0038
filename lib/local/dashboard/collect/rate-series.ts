/** Counts in buckets of equal length, the newest so many of them. */
export interface RateSeries {
  add(atMs: number, count: number): void;
  /** The counts of the buckets up to the one that holds `nowMs`, which is still filling, oldest first. */
  buckets(nowMs: number): { readonly endMs: number; readonly counts: readonly number[] };
  /** The mean over the newest full buckets. */
  perSecond(nowMs: number, options: { readonly overMs: number }): number;
}

export function createRateSeries(options: {
  readonly bucketMs: number;
  readonly length: number;
}): RateSeries {
  const { bucketMs, length } = options;
  const counts = new Float64Array(length);
  let newest = Number.NEGATIVE_INFINITY;

  /** Empties the buckets between the newest and the one that holds a time. */
  const moveTo = (atMs: number): number => {
    const bucket = Math.floor(atMs / bucketMs);
    if (bucket - newest >= length) counts.fill(0);
    else for (let each = newest + 1; each <= bucket; each++) counts[each % length] = 0;
    newest = Math.max(newest, bucket);
    return bucket;
  };
  return {
    add(atMs, count) {
      const bucket = moveTo(atMs);
      if (bucket > newest - length) counts[bucket % length]! += count;
    },
    buckets(nowMs) {
      moveTo(nowMs);
      const ordered = Array.from({ length }, (_, index) => counts[(newest + 1 + index) % length]!);
      return { endMs: (newest + 1) * bucketMs, counts: ordered };
    },
    perSecond(nowMs, { overMs }) {
      moveTo(nowMs);
      const full = Math.min(length - 1, Math.max(1, Math.round(overMs / bucketMs)));
      let total = 0;
      for (let back = 1; back <= full; back++) total += counts[(newest - back + length) % length]!;
      return (1000 * total) / (full * bucketMs);
    },
  };
}
