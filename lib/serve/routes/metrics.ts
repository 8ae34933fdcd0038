import { createRoute, z } from "@hono/zod-openapi";
import type { ServeApp, ServeContext } from "../context.ts";

/** Adds `GET /metrics` in the Prometheus text format. */
export function addMetricsRoute(app: ServeApp, { metrics: { registry } }: ServeContext): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/metrics",
      operationId: "metrics",
      summary: "Metrics in the Prometheus text format",
      responses: {
        200: { description: "The metrics.", content: { "text/plain": { schema: z.string() } } },
      },
    }),
    async (context) => context.text(await registry.metrics(), 200, { "Content-Type": registry.contentType }),
  );
}
