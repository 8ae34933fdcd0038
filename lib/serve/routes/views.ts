import { createRoute } from "@hono/zod-openapi";
import { answerViewDefinition, viewsAnswer } from "../catalog-answers.ts";
import type { ServeApp, ServeContext } from "../context.ts";
import { problemResponses, STORE_PROBLEMS } from "../problem-response.ts";

/** Adds `GET /v1/views`: every view's definition, and how fresh it is now, by shard. */
export function addViewsRoute(app: ServeApp, { catalog, reader }: ServeContext): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/views",
      operationId: "views",
      summary: "The feature views, and how fresh each is now",
      responses: {
        200: {
          description: "Every version of every view.",
          content: { "application/json": { schema: viewsAnswer } },
        },
        ...problemResponses(STORE_PROBLEMS),
      },
    }),
    async (context) => {
      const views = [...catalog.views.values()];
      const freshness = await reader.freshness(views.map(({ plan }) => plan));
      return context.json(
        {
          requestId: context.get("requestId"),
          views: views.map((view, index) => answerViewDefinition(view, freshness[index]!)),
        },
        200,
      );
    },
  );
}
