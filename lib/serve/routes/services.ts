import { createRoute } from "@hono/zod-openapi";
import { answerServiceDefinition, servicesAnswer } from "../catalog-answers.ts";
import type { ServeApp, ServeContext } from "../context.ts";
import { problemResponses, STORE_PROBLEMS } from "../problem-response.ts";

/** Adds `GET /v1/services`: every service's definition, its models, and how fresh its views are now. */
export function addServicesRoute(app: ServeApp, { catalog, reader, clock }: ServeContext): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/v1/services",
      operationId: "services",
      summary: "The feature services with their models, and how fresh their views are now",
      responses: {
        200: {
          description: "Every version of every service.",
          content: { "application/json": { schema: servicesAnswer } },
        },
        ...problemResponses(STORE_PROBLEMS),
      },
    }),
    async (context) => {
      const services = [...catalog.services.values()];
      const models = [...catalog.models.values()];
      const freshness = await reader.freshness(
        services.flatMap(({ views }) => views.map(({ plan }) => plan)),
      );
      const asOfMs = freshness[0]?.asOfMs ?? clock.now();
      let next = 0;
      const answers = services.map((served) => {
        const own = freshness.slice(next, next + served.views.length);
        next += served.views.length;
        const scored = models.filter(({ service }) => service === served);
        return answerServiceDefinition(served, scored, own, asOfMs);
      });
      return context.json({ requestId: context.get("requestId"), services: answers }, 200);
    },
  );
}
