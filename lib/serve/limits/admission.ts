import { ProblemError } from "../problems.ts";
import type { ServeLimits } from "./limits.ts";

const RETRY_AFTER_SECONDS = 1;

/** For answers that the time limit gave last to reach their clients. */
const LAST_ANSWERS_MS = 500;

/** Lets requests in: so many at a time, so many more in a queue, and none once the server shuts down. */
export interface Admission {
  /** Requests that are worked on now. */
  readonly active: number;
  /** Requests that wait for their turn now. */
  readonly waiting: number;
  /**
   * Waits for a turn, first come first served; the answer ends it, and must be called once.
   *
   * @param signal - gives the wait up: its request is answered already.
   * @returns null when the wait was given up.
   * @throws ProblemError `overloaded` when the queue is full, `shutting-down` once {@link drain} was called.
   */
  enter(signal?: AbortSignal): Promise<(() => void) | null>;
  /**
   * Lets nothing more in, and resolves when what was let in, the queue included, has ended; at the latest when the time
   * limit has answered all of it, for work that nobody waits for may never end.
   */
  drain(): Promise<void>;
}

/**
 * Makes an {@link Admission}, to be given to the app and kept: `drain` of it comes first when the server shuts down.
 *
 * @example
 * ```ts
 * const admission = createAdmission(DEFAULT_LIMITS);
 * const app = createServeApp({ ...options, admission });
 * stopOnSignal({ stop: () => admission.drain(), onFailure: console.error });
 * ```
 */
export function createAdmission(
  limits: Pick<ServeLimits, "concurrentRequests" | "waitingRequests" | "timeMs">,
): Admission {
  const { concurrentRequests, waitingRequests, timeMs } = limits;
  const queue = new Set<(leave: (() => void) | null) => void>();
  let active = 0;
  let draining: Promise<void> | null = null;
  let drained = () => {};

  const admit = (): (() => void) => {
    active++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      active--;
      const [next] = queue;
      if (next !== undefined) {
        queue.delete(next);
        next(admit());
      } else if (active === 0) drained();
    };
  };
  return {
    get active() {
      return active;
    },
    get waiting() {
      return queue.size;
    },
    enter(signal) {
      if (draining !== null) return Promise.reject(shuttingDown());
      if (signal?.aborted) return Promise.resolve(null);
      if (active < concurrentRequests) return Promise.resolve(admit());
      if (queue.size >= waitingRequests) return Promise.reject(overloaded(limits));
      return new Promise((resolve) => {
        queue.add(resolve);
        signal?.addEventListener("abort", () => {
          if (queue.delete(resolve)) resolve(null);
        });
      });
    },
    drain() {
      draining ??= new Promise<void>((resolve) => {
        if (active === 0) return resolve();
        const timer = setTimeout(resolve, timeMs + LAST_ANSWERS_MS);
        drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      return draining;
    },
  };
}

function overloaded({
  concurrentRequests,
  waitingRequests,
}: Pick<ServeLimits, "concurrentRequests" | "waitingRequests">): ProblemError {
  return new ProblemError(
    "overloaded",
    `${concurrentRequests} requests are worked on and ${waitingRequests} wait for their turn; try again.`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}

function shuttingDown(): ProblemError {
  return new ProblemError("shutting-down", "The server takes no more requests; ask another.", {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    headers: { Connection: "close" },
  });
}
