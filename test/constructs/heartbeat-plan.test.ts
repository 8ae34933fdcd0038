import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heartbeatPlan } from "../../lib/constructs/index.ts";
import { heartbeatTimeoutSeconds } from "../../lib/constructs/stream-heartbeats.ts";

/** The longest that Lambda lets a function run. */
const LAMBDA_MAX_SECONDS = 900;

/** As functions/heartbeat goes on. */
function beatTimes({ periodMs, coverMs }: { periodMs: number; coverMs: number }): number[] {
  const times: number[] = [];
  for (let dueMs = 0; dueMs < coverMs; dueMs += periodMs) times.push(dueMs);
  return times;
}

describe("heartbeatPlan", () => {
  it.each([
    // SLA, period, minutes of the schedule, beats
    [10_000, 3_158, 1, 19],
    [60_000, 20_000, 1, 3],
    [120_000, 30_000, 1, 2],
    [179_999, 30_000, 1, 2],
    [180_000, 60_000, 1, 1],
    [300_000, 60_000, 1, 1],
    [900_000, 300_000, 5, 1],
    [86_400_000, 3_600_000, 60, 1],
  ])("for an SLA of %i ms beats every %i ms, %i minutes between invocations of %i", (slaMs, ...expected) => {
    const { periodMs, scheduleMinutes, beats } = heartbeatPlan(slaMs);
    expect([periodMs, scheduleMinutes, beats]).toEqual(expected);
  });

  it("never lets more than a third of the SLA pass, from one invocation to the next either", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 400_000_000 }), (slaMs) => {
        const { periodMs, scheduleMinutes, coverMs, beats } = heartbeatPlan(slaMs);
        const times = [0, 1].flatMap((invocation) =>
          beatTimes({ periodMs, coverMs }).map((dueMs) => invocation * scheduleMinutes * 60_000 + dueMs),
        );
        const gaps = times.slice(1).map((time, index) => time - times[index]!);
        expect(Math.max(...gaps, 0)).toBeLessThanOrEqual(slaMs / 3);
        expect(times).toHaveLength(2 * beats);
      }),
    );
  });

  it("never has a function wait for longer than Lambda lets it, or work for less than 45 s after its last beat", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400_000_000 }), (slaMs) => {
        const plan = heartbeatPlan(slaMs);
        const timeoutSeconds = heartbeatTimeoutSeconds(plan);
        expect(Number.isInteger(timeoutSeconds)).toBe(true);
        expect(timeoutSeconds).toBeLessThanOrEqual(LAMBDA_MAX_SECONDS);
        expect(timeoutSeconds).toBeGreaterThanOrEqual(Math.max(...beatTimes(plan)) / 1000 + 45);
      }),
    );
  });

  it("tells what a month takes: a beat each half minute for an SLA of two", () => {
    expect(heartbeatPlan(120_000).monthly).toEqual({
      invocations: 43_800,
      waitingSeconds: 43_800 * 30,
      recordsPerShard: 87_600,
    });
  });
});
