import type { MiddlewareHandler } from "hono";
import type { ServeVariables } from "../context.ts";
import type { Admission } from "./admission.ts";

/**
 * Works on so many requests at a time. One that was answered by the time limit goes on until the store's own limits end
 * it, and keeps its place until then: work that nobody waits for is work all the same. What may never end, such as a
 * body that does not come, must be behind a request before it takes a place.
 */
export function boundedWork(admission: Admission): MiddlewareHandler<ServeVariables> {
  return async (context, next) => {
    const leave = await admission.enter(context.get("late"));
    if (leave === null) return;
    try {
      await next();
    } finally {
      leave();
    }
  };
}
