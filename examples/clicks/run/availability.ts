import { setTimeout as sleep } from "node:timers/promises";
import type { JsonLines } from "../../command/json-lines.ts";
import type { Click } from "../generate/click.ts";
import { answered } from "../read/answered.ts";
import type { ClicksApi } from "./pipeline.ts";

/** Measures how long each click takes from its put until the API answers with it. */
export interface AvailabilityWatch {
  /** Says that these clicks, none of them a repeat, are about to be put, in this order. */
  putting(clicks: readonly Click[]): void;
  /** One for each click that is available, wall-clock milliseconds. */
  readonly latenciesMs: readonly number[];
  /** Once all was folded: waits until all is available, and answers the ids of what a read did not bring all the same. */
  settled(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** A click on its way. */
interface Awaited {
  readonly id: string;
  /** Which of its user's clicks it is, from 1: what `clicks_lifetime` comes to with it. */
  readonly place: number;
  readonly putMs: number;
}

/** Between two looks, or as long as a look takes: looks take from the processor that folds, so at most half of it. */
const LEAST_PAUSE_MS = 20;

/** An endless run forgets the earlier half. */
const MOST_LATENCIES = 200_000;

/**
 * Asks `POST /v1/features`, again and again, for the users whose clicks are on their way. A user's item
 * holds all windows and is replaced whole, so an answer whose `clicks_lifetime` has come to a click's place has it in
 * every window. Repeats are dropped, and clicks of one user are put in order.
 */
export function watchAvailability(api: ClicksApi["visitor"], log: JsonLines | null): AvailabilityWatch {
  const waiting = new Map<string, Awaited[]>();
  const placeOf = new Map<string, number>();
  const latenciesMs: number[] = [];
  let isStopped = false;
  let failure: unknown = null;
  let looks = 0;
  let wake: () => void = () => {};

  const look = async (): Promise<void> => {
    const users = [...waiting.keys()];
    const answers = answered(await api.featuresMany(users.map((user) => ({ keys: { user } }))));
    const nowMs = performance.now();
    for (const [index, user] of users.entries()) {
      const total = answers[index]!.user.features.clicks_lifetime;
      const queue = waiting.get(user)!;
      while (queue.length > 0 && queue[0]!.place <= total) {
        const { id, putMs } = queue.shift()!;
        const latencyMs = nowMs - putMs;
        latenciesMs.push(latencyMs);
        log?.write({ id, user, put: wallTime(putMs), latencyMs: Number(latencyMs.toFixed(3)) });
      }
      if (queue.length === 0) waiting.delete(user);
    }
    if (latenciesMs.length > MOST_LATENCIES) latenciesMs.splice(0, MOST_LATENCIES / 2);
    looks += 1;
  };

  const run = async (): Promise<void> => {
    while (!isStopped) {
      if (waiting.size > 0) {
        const beganMs = performance.now();
        await look();
        await sleep(Math.max(LEAST_PAUSE_MS, performance.now() - beganMs));
      } else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  };
  const running = run().catch((error: unknown) => {
    failure = error;
  });

  return {
    putting: (clicks) => {
      const putMs = performance.now();
      for (const { id, user } of clicks) {
        const place = (placeOf.get(user) ?? 0) + 1;
        placeOf.set(user, place);
        const queue = waiting.get(user);
        if (queue === undefined) waiting.set(user, [{ id, place, putMs }]);
        else queue.push({ id, place, putMs });
      }
      wake();
    },
    latenciesMs,
    settled: async () => {
      // A look under way may have begun before the last fold; the one after it may not.
      const enough = looks + 2;
      while (waiting.size > 0 && looks < enough && failure === null) {
        await sleep(1);
      }
      if (failure !== null) throw failure;
      return [...waiting.values()].flat().map(({ id }) => id);
    },
    stop: async () => {
      isStopped = true;
      wake();
      await running;
    },
  };
}

function wallTime(monotonicMs: number): string {
  return new Date(performance.timeOrigin + monotonicMs).toISOString();
}
