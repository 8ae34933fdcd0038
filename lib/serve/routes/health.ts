import { createRoute, z } from "@hono/zod-openapi";
import type { ServeApp, ServeContext } from "../context.ts";
import { problemResponses } from "../problem-response.ts";
import { ProblemError } from "../problems.ts";

const RETRY_AFTER_SECONDS = 5;

const answer = {
  "application/json": { schema: z.strictObject({ status: z.literal("ok") }).openapi("Status") },
};

/** Adds `GET /healthz` (the process answers) and `GET /readyz` (models are loaded and the store answers). */
export function addHealthRoutes(app: ServeApp, { checkReady }: ServeContext): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/healthz",
      operationId: "health",
      summary: "Whether the process answers",
      responses: { 200: { description: "It does.", content: answer } },
    }),
    (context) => context.json({ status: "ok" as const }, 200),
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/readyz",
      operationId: "ready",
      summary: "Whether models are loaded and the feature store answers",
      responses: {
        200: { description: "They are, and it does.", content: answer },
        ...problemResponses(["not-ready"]),
      },
    }),
    async (context) => {
      try {
        await checkReady();
      } catch (cause) {
        throw new ProblemError(
          "not-ready",
          "The feature store does not answer, or the server is shutting down.",
          {
            retryAfterSeconds: RETRY_AFTER_SECONDS,
            cause,
          },
        );
      }
      return context.json({ status: "ok" as const }, 200);
    },
  );
}
