import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { ServeVariables } from "./context.ts";
import type { ServeLogger } from "./logger.ts";
import type { ServeMetrics } from "./metrics.ts";
import type { RequestReporter } from "./request-report.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** Measures every request and writes one line about it. Paths that no route has share one label. */
export function requestLog(options: {
  readonly logger: ServeLogger;
  readonly metrics: ServeMetrics;
  readonly stopwatch: Stopwatch;
  readonly onRequest?: RequestReporter;
}): MiddlewareHandler<ServeVariables> {
  const { logger, metrics, stopwatch, onRequest } = options;
  return async (context, next) => {
    const startMs = stopwatch();
    await next();
    const durationMs = stopwatch() - startMs;
    const path = routePath(context, -1);
    const route = path.includes("*") ? "unmatched" : path;
    const { method } = context.req;
    const { status } = context.res;
    metrics.recordRequest({ method, route, status }, durationMs);
    const problem = context.get("problem");
    onRequest?.({ method, route, status, problem: problem?.type ?? null, durationMs });
    logger.info("request", {
      requestId: context.get("requestId"),
      method,
      route,
      status,
      durationMs,
      ...(problem === undefined ? {} : { problem: problem.type, detail: problem.message }),
    });
  };
}
