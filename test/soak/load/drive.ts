import { setTimeout as sleep } from "node:timers/promises";
import type { Feed } from "./feed.ts";
import type { Delivery } from "./payment.ts";

/** Puts at a rate that may be changed under way. */
export interface Drive {
  /** Records a second to put. */
  askedPerSecond: number;
  /** Resolves when it was stopped, or there is nothing more to put. Rejects when the stream cannot take any. */
  readonly ended: Promise<void>;
  stop(): void;
}

const TICK_MS = 50;
/** What is due is put in one call, which the next waits for: no more than that at once. */
const MOST_AT_ONCE = 5_000;

/** @param options.make - makes records: at most so many; none: there are no more. */
export function startDrive(options: {
  readonly feed: Feed;
  readonly perSecond: number;
  readonly make: (count: number, nowMs: number) => readonly Delivery[];
}): Drive {
  const { feed, make } = options;
  let isStopped = false;
  async function run(): Promise<void> {
    let lastMs = performance.now();
    let due = 0;
    while (!isStopped) {
      const nowMs = performance.now();
      due = Math.min(MOST_AT_ONCE, due + ((nowMs - lastMs) * drive.askedPerSecond) / 1_000);
      lastMs = nowMs;
      const count = Math.floor(due);
      if (count > 0) {
        const deliveries = make(count, Date.now());
        if (deliveries.length === 0) return;
        await feed.put(deliveries);
        due -= count;
      }
      await sleep(Math.max(1, TICK_MS - (performance.now() - nowMs)));
    }
  }
  const drive = {
    askedPerSecond: options.perSecond,
    stop: () => {
      isStopped = true;
    },
  };
  const ended = run();
  ended.catch(() => {});
  return Object.assign(drive, { ended });
}
