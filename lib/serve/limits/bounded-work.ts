import type { MiddlewareHandler } from "hono";
import type { ServeVariables } from "../context.ts";
import { ProblemError } from "../problems.ts";
import type { Admission } from "./admission.ts";

const RETRY_AFTER_SECONDS = 1;

/**
 * Works on so many requests at a time, and answers one that takes too long. A request that was answered so goes on
 * until the store's own limits end it, and keeps its place until then: work that nobody waits for is work all the same.
 */
export function boundedWork(options: {
  readonly admission: Admission;
  readonly timeMs: number;
}): MiddlewareHandler<ServeVariables> {
  const { admission, timeMs } = options;
  return async (_, next) => {
    const late = new AbortController();
    const work = async () => {
      const leave = await admission.enter(late.signal);
      if (leave === null) return;
      try {
        await next();
      } finally {
        leave();
      }
    };
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
    const working = work();
    try {
      await Promise.race([working, limit]);
    } finally {
      clearTimeout(timer);
      // Of one that lost the race nobody hears any more.
      working.catch(() => {});
    }
  };
}
