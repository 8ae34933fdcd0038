import { setTimeout as sleep } from "node:timers/promises";
import type { ReplayClock } from "../../../lib/local/replay-clock.ts";
import { SECOND_MS } from "../times.ts";
import type { ClickFeed } from "./put-clicks.ts";

/** Between two puts: a collector sends what it has ten times a second. */
const TICK_MS = 100;
/** Within a third of the views' SLA. */
const BEAT_EVERY_MS = 20 * SECOND_MS;

/**
 * Moves the clock on, a number of times as fast as the machine's, and puts each click when it is due; what falls due
 * while a put is under way goes into the next. Answers when the clock has come to a time, or the run was stopped.
 */
export async function playUntil(
  untilMs: number,
  {
    clock,
    feed,
    speed,
    heartbeat,
    stop,
  }: {
    readonly clock: ReplayClock;
    readonly feed: Pick<ClickFeed, "putUntil">;
    readonly speed: number;
    readonly heartbeat: () => Promise<void>;
    readonly stop: AbortSignal;
  },
): Promise<void> {
  const fromMs = clock.now();
  const startedMs = performance.now();
  let beatenMs = fromMs;
  while (clock.now() < untilMs && !stop.aborted) {
    const dueMs = fromMs + Math.floor((performance.now() - startedMs) * speed);
    // The clock goes first: an answer that has a click is as of a time after it.
    clock.set(Math.min(untilMs, Math.max(clock.now(), dueMs)));
    await feed.putUntil(clock.now());
    if (clock.now() - beatenMs >= BEAT_EVERY_MS) {
      beatenMs = clock.now();
      await heartbeat();
    }
    await sleep(TICK_MS);
  }
}
