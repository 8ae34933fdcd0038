import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Heartbeats, type HeartbeatTarget, startHeartbeats } from "../../lib/local/heartbeats.ts";
import { createReplayClock } from "../../lib/local/replay-clock.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
let heartbeats: Heartbeats | null = null;
afterEach(async () => {
  await heartbeats?.stop();
  vi.useRealTimers();
});

function target(slaMs: number) {
  const sentAtMs: number[] = [];
  const beat = async (atMs: number) => {
    sentAtMs.push(atMs);
    return 2;
  };
  return { slaMs, beat, sentAtMs };
}

const start = (
  targets: readonly HeartbeatTarget[],
  now: () => number,
  onFailure = (_error: unknown) => {},
) => {
  heartbeats = startHeartbeats({ targets, clock: { now }, onFailure });
  return heartbeats;
};

describe("on a clock that runs with the timer", () => {
  it("lets at most a third of a stream's SLA pass between two, for each stream its own", async () => {
    const targets = [target(120_000), target(600_000), target(1_000)];
    start(targets, () => Date.now());
    const startMs = Date.now();
    await vi.advanceTimersByTimeAsync(1_800_000);
    for (const { slaMs, sentAtMs } of targets) {
      const times = [startMs, ...sentAtMs, Date.now()];
      const gaps = times.slice(1).map((time, index) => time - times[index]!);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(slaMs / 3);
      // Nor many more than that costs.
      expect(sentAtMs.length).toBeLessThanOrEqual((1_800_000 / slaMs) * 4 + 1);
    }
  });

  it("sends none after it was stopped", async () => {
    const one = target(1_000);
    const started = start([one], () => Date.now());
    await vi.advanceTimersByTimeAsync(5_000);
    await started.stop();
    const sent = one.sentAtMs.length;
    expect(sent).toBeGreaterThan(10);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(one.sentAtMs.length).toBe(sent);
    expect(started.sent).toBe(2 * sent);
  });

  it("waits for one under way when it is stopped", async () => {
    let arrived = false;
    const beat = async () => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      arrived = true;
      return 1;
    };
    const started = start([{ slaMs: 6_000, beat }], () => Date.now());
    await vi.advanceTimersByTimeAsync(600);
    let arrivedWhenStopped: boolean | null = null;
    const stopping = started.stop().then(() => {
      arrivedWhenStopped = arrived;
    });
    await vi.advanceTimersByTimeAsync(599);
    expect(arrivedWhenStopped).toBe(null);
    await vi.advanceTimersByTimeAsync(1);
    await stopping;
    expect(arrivedWhenStopped).toBe(true);
  });

  it("tells of a heartbeat that failed and tries again at the next look", async () => {
    const failures: unknown[] = [];
    let tries = 0;
    const beat = async () => {
      if (++tries === 1) throw new Error("stream away");
      return 1;
    };
    const started = start(
      [{ slaMs: 12_000, beat }],
      () => Date.now(),
      (error) => failures.push(error),
    );
    await vi.advanceTimersByTimeAsync(1_000);
    expect(failures).toMatchObject([{ message: "stream away" }]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(started.sent).toBe(1);
  });
});

describe("on a clock that is set", () => {
  it("sends what is due when asked, with the clock's time", async () => {
    const clock = createReplayClock(0);
    const one = target(120_000);
    const started = start([one], clock.now);
    await started.beatIfDue();
    clock.set(20_000);
    await started.beatIfDue();
    clock.set(40_000);
    await started.beatIfDue();
    await started.beatIfDue();
    expect(one.sentAtMs).toEqual([0, 40_000]);
  });

  it("sends to all when asked for now", async () => {
    const clock = createReplayClock(7);
    const targets = [target(120_000), target(600_000)];
    const started = start(targets, clock.now);
    await started.beatNow();
    await started.beatNow();
    expect(targets.map(({ sentAtMs }) => sentAtMs)).toEqual([
      [7, 7],
      [7, 7],
    ]);
    expect(started.sent).toBe(8);
  });

  it("sends no more while the clock stands still", async () => {
    const one = target(120_000);
    start([one], () => 5);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(one.sentAtMs).toEqual([5]);
  });
});
