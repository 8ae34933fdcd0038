/** What went through the pipeline since the reading before. */
export interface RateReading {
  /** Records a second that were handled. */
  readonly handledPerSecond: number;
  /** Records that were put and are not handled yet. */
  readonly waiting: number;
}

/** Asks for the rate that keeps a pipeline busy with a short queue. */
export interface RateControl {
  /** The rate to put at until the next reading. */
  next(reading: RateReading): number;
}

const LEAST_PER_SECOND = 20;
/** Of each reading, what counts: a batch more or less in a second says little. */
const SMOOTHING = 0.3;
/** Beyond and below what is handled, at most so much is asked for. */
const MOST_PART = 1.3;
const LEAST_PART = 0.3;

/**
 * Follows what is handled, a little above it while the queue is shorter than wanted and below it while it is longer: the
 * queue settles at about `targetWaitMs` of work, with the pipeline never idle. It goes by the queue and not by the lag,
 * which tells of a record only once it has waited.
 */
export function createRateControl(options: {
  readonly perSecond: number;
  readonly targetWaitMs: number;
}): RateControl {
  const { targetWaitMs } = options;
  let handledPerSecond = options.perSecond;
  return {
    next(reading) {
      handledPerSecond += SMOOTHING * (reading.handledPerSecond - handledPerSecond);
      const waitMs = (1_000 * reading.waiting) / Math.max(1, handledPerSecond);
      const part = 1 + (MOST_PART - 1) * ((targetWaitMs - waitMs) / targetWaitMs);
      return Math.max(LEAST_PER_SECOND, handledPerSecond * Math.min(MOST_PART, Math.max(LEAST_PART, part)));
    },
  };
}
