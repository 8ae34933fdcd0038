/** A schedule's shortest period. */
const MINUTE_MS = 60_000;

/** So that a schedule's expression stays in whole hours at most. */
const LONGEST_PERIOD_MINUTES = 60;

const MONTH_MS = 730 * 3_600_000;

/** How often heartbeats are sent, and what a month of that takes. */
export interface HeartbeatPlan {
  /** The most time between two heartbeats of a shard: a third of the SLA or less. */
  readonly periodMs: number;
  /** How often the schedule invokes the function. */
  readonly scheduleMinutes: number;
  /** How long an invocation goes on beating. */
  readonly coverMs: number;
  /** Beats of an invocation. */
  readonly beats: number;
  readonly monthly: {
    /** Of the schedule and the function. */
    readonly invocations: number;
    /** Seconds that the function runs, its waiting between beats included and its work left out. */
    readonly waitingSeconds: number;
    /** Records put to each shard, a put unit (25 KB) each. */
    readonly recordsPerShard: number;
  };
}

/**
 * Plans heartbeats for the tightest SLA of a stream's views (R11). A schedule invokes once a minute at most: for an SLA
 * below three minutes an invocation waits, and beats again, until the next begins.
 *
 * @example
 * ```ts
 * heartbeatPlan(120_000).periodMs; // 30000: two beats an invocation
 * heartbeatPlan(900_000).scheduleMinutes; // 5
 * ```
 */
export function heartbeatPlan(slaMs: number): HeartbeatPlan {
  const thirdMs = Math.max(1, Math.floor(slaMs / 3));
  const scheduleMinutes = Math.min(LONGEST_PERIOD_MINUTES, Math.max(1, Math.floor(thirdMs / MINUTE_MS)));
  const intervalMs = scheduleMinutes * MINUTE_MS;
  const beats = Math.max(1, Math.ceil(intervalMs / thirdMs));
  const periodMs = Math.ceil(intervalMs / beats);
  const invocations = MONTH_MS / intervalMs;
  return {
    periodMs,
    scheduleMinutes,
    coverMs: intervalMs,
    beats,
    monthly: {
      invocations,
      waitingSeconds: (invocations * (beats - 1) * periodMs) / 1000,
      recordsPerShard: invocations * beats,
    },
  };
}
