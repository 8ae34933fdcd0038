export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;

/** A stretch of time, epoch milliseconds: `fromMs` included, `endMs` not. */
export interface TimeRange {
  readonly fromMs: number;
  readonly endMs: number;
}

/** Where a proven run begins, whenever it is made. */
export const RUN_FROM_MS = Date.UTC(2024, 2, 1, 12);

/**
 * How long after a minute is over it is looked at: longer than any click takes to come in, and shorter than a minute,
 * so that the minute is still the last closed one.
 */
export const GRACE_MS = 45 * SECOND_MS;

/** The API remembers a shard's progress for a second: asked so long after all was folded, it knows of all of it. */
export const SETTLING_MS = SECOND_MS;

/** When each minute of a range is looked at. */
export function momentsOf({ fromMs, endMs }: TimeRange): readonly number[] {
  const minutes = Math.floor((endMs - fromMs) / MINUTE_MS);
  return Array.from({ length: minutes }, (_, minute) => fromMs + (minute + 1) * MINUTE_MS + GRACE_MS);
}

/** The start of the last minute that is over. */
export function lastMinuteMs(asOfMs: number): number {
  return Math.floor(asOfMs / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
}
