import type { ServeApp } from "../context.ts";

/** Adds `GET /openapi.json`, the OpenAPI 3.1 document of every route added before it. */
export function addOpenApiRoute(app: ServeApp, version: string): void {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Freshet",
      version,
      description: "Features under a freshness SLA, and scores of the models that use them.",
    },
  });
  app.get("/openapi.json", (context) => context.json(document));
}
