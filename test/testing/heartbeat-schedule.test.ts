import { expect, it } from "vitest";
import { createHeartbeatSchedule } from "../../lib/testing/heartbeat-schedule.ts";

/** By hand, as StreamHeartbeats deploys them: at most a third of the SLA apart, in whole minutes or parts of one. */
it.each([
  ["6s: thirty in a minute", 6_000, 2_000],
  ["2m: two in a minute", 120_000, 30_000],
  ["3m: one a minute", 180_000, 60_000],
  ["15m: one each five minutes", 900_000, 300_000],
  ["a day: one an hour, the longest", 86_400_000, 3_600_000],
])("beats as often as a deployment does for an SLA of %s", async (_, slaMs, periodMs) => {
  const sent: number[] = [];
  const schedule = createHeartbeatSchedule({
    firstMs: 1_000,
    slaMs,
    retentionMs: 7 * 86_400_000,
    send: async (sentAtMs) => sent.push(sentAtMs),
  });
  for (let beat = 0; beat < 3; beat++) await schedule.beat();
  expect(sent).toEqual([1_000, 1_000 + periodMs, 1_000 + 2 * periodMs]);
  expect(schedule.nextMs).toBe(1_000 + 3 * periodMs);
});
