import { FreshetError } from "../define/error.ts";
import type { Clock } from "../engine/ports/clock.ts";

/** A clock that a replay moves. */
export interface ReplayClock extends Clock {
  /**
   * Moves the clock. Put every record that arrived before a time first, then set it: heartbeats state the clock's time,
   * and lag is measured against it.
   * @throws FreshetError `OPTION_INVALID` when the time lies before the clock's.
   */
  set(epochMs: number): void;
}

/**
 * A clock that stands still until it is set.
 *
 * @example
 * ```ts
 * const clock = createReplayClock(Date.parse("2001-02-05T00:00:00Z"));
 * clock.set(clock.now() + 60_000);
 * ```
 */
export function createReplayClock(startEpochMs: number): ReplayClock {
  let nowMs = wholeMs(startEpochMs);
  return {
    now: () => nowMs,
    set(epochMs) {
      if (wholeMs(epochMs) < nowMs) {
        throw new FreshetError(
          "OPTION_INVALID",
          `the replay clock was set to ${epochMs}, before its time ${nowMs}; it never runs backwards.`,
        );
      }
      nowMs = epochMs;
    },
  };
}

function wholeMs(epochMs: number): number {
  if (Number.isSafeInteger(epochMs)) return epochMs;
  throw new FreshetError(
    "OPTION_INVALID",
    `the replay clock was set to ${epochMs}; a time is whole milliseconds since the epoch.`,
  );
}
