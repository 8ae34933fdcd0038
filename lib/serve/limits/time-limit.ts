import type { MiddlewareHandler } from "hono";
import type { ServeVariables } from "../context.ts";
import { ProblemError } from "../problems.ts";

const RETRY_AFTER_SECONDS = 1;

/** Answers a request that takes too long, whatever holds it up, and aborts its `late` signal. */
export function timeLimit(timeMs: number): MiddlewareHandler<ServeVariables> {
  return async (context, next) => {
    const late = new AbortController();
    context.set("late", late.signal);
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new ProblemError("time-limit-exceeded", `The request took longer than ${timeMs} ms; try again.`, {
            retryAfterSeconds: RETRY_AFTER_SECONDS,
          }),
        );
        late.abort();
      }, timeMs);
    });
    const working = next();
    try {
      await Promise.race([working, limit]);
    } finally {
      clearTimeout(timer);
      // Of one that lost the race nobody hears any more.
      working.catch(() => {});
    }
  };
}
