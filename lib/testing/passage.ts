// By its module, since suites replace the global one where they fake timers.
import { setImmediate } from "node:timers";
import { FreshetError } from "../define/error.ts";
import type { FakeTime } from "./fake-time.ts";
import type { HeartbeatSchedule } from "./heartbeat-schedule.ts";

/** The most time that passes for work to end. */
const MAX_WAIT_MS = 86_400_000;

/** Lets time pass: the waits that end on the way and the heartbeats that become due have their effect in order. */
export class Passage {
  constructor(
    private readonly time: FakeTime,
    private readonly heartbeats: readonly HeartbeatSchedule[],
    /** How long what was put may wait to be folded: so much of the heartbeats' order is kept. */
    private readonly batchingWindowMs: number,
  ) {}

  async passTo(targetMs: number): Promise<void> {
    const { time, heartbeats, batchingWindowMs } = this;
    await settled();
    for (;;) {
      for (const schedule of heartbeats) schedule.skipTo(targetMs - batchingWindowMs);
      const nextMs = Math.min(time.nextMs, ...heartbeats.map((schedule) => schedule.nextMs));
      if (nextMs > targetMs) break;
      time.moveTo(nextMs);
      for (const schedule of heartbeats) if (schedule.nextMs <= time.now()) await schedule.beat();
      await settled();
    }
    time.moveTo(targetMs);
    await settled();
  }

  /**
   * Lets as much time pass as some work needs to end.
   *
   * @throws FreshetError `STREAM_UNAVAILABLE` after a day.
   */
  async passUntil<T>(work: Promise<T>, doing: string): Promise<T> {
    const { time } = this;
    const endMs = time.now() + MAX_WAIT_MS;
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    work.then(over, over);
    await settled();
    while (!isOver) {
      const nextMs = time.nextMs;
      if (nextMs > endMs) {
        throw new FreshetError(
          "STREAM_UNAVAILABLE",
          `${doing} did not end within a day of the test's time: delivery is paused, or what fails goes on failing.`,
        );
      }
      await this.passTo(nextMs);
    }
    return work;
  }
}

/** Node runs all promise jobs before it comes to an immediate: only what waits for time is left. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Reads that are asked for together wait for an immediate themselves. */
const SETTLING_TURNS = 2;
