import { createRoute, z } from "@hono/zod-openapi";
import { answerView, featuresAnswer } from "../answers.ts";
import type { Catalog, ServedView } from "../catalog.ts";
import type { ServeApp, ServeContext } from "../context.ts";
import { VIOLATION_HEADER, violationHeader } from "../freshness-policy.ts";
import { problemResponses } from "../problem-response.ts";
import { invalidRequest, ProblemError } from "../problems.ts";
import { readViews } from "../read-views.ts";
import { checkKeys } from "../request-keys.ts";

/** Adds `POST /v1/features`: reads the features of one view, or of all views of a service. */
export function addFeaturesRoute(app: ServeApp, { catalog, reader, metrics }: ServeContext): void {
  app.openapi(featuresRoute(catalog), async (context) => {
    const request = context.req.valid("json");
    const views = findViews(catalog, request);
    const checked = checkKeys(views, request.keys);
    if (checked.keys === null) throw invalidRequest(checked.issues);
    const readings = await readViews(reader, views, checked.keys);
    metrics.recordReadings(readings);
    const violations = violationHeader(readings);
    const answers = readings.map(
      (reading) =>
        [reading.alias, { ...answerView(reading, "serve"), features: { ...reading.values } }] as const,
    );
    return context.json(
      { requestId: context.get("requestId"), views: Object.fromEntries(answers) },
      200,
      violations === null ? {} : { [VIOLATION_HEADER]: violations },
    );
  });
}

function featuresRoute({ services, views }: Catalog) {
  const body = z
    .strictObject({
      view: z
        .string()
        .optional()
        .openapi({ description: "A view's name, or name@version where it has several versions." }),
      service: z.string().optional().openapi({ description: "A service's name, for all of its views." }),
      keys: z.record(z.string(), z.unknown()).openapi({ description: "The entity keys, by name." }),
    })
    .openapi("FeaturesRequest");
  return createRoute({
    method: "post",
    path: "/v1/features",
    operationId: "features",
    summary: "Read the features of an entity",
    description: [
      ...[...views].map(([id, { keyNames }]) => `View \`${id}\`: keys ${keyNames.join(", ") || "none"}.`),
      ...[...services.keys()].map((name) => `Service \`${name}\`.`),
    ].join("\n\n"),
    request: { body: { required: true, content: { "application/json": { schema: body } } } },
    responses: {
      200: {
        description: `The features. Where a view violates its SLA, the header ${VIOLATION_HEADER} names it.`,
        content: { "application/json": { schema: featuresAnswer } },
      },
      ...problemResponses([
        "invalid-json",
        "invalid-request",
        "unknown-view",
        "unknown-service",
        "body-too-large",
        "unsupported-media-type",
        "internal",
        "store-unavailable",
        "state-unreadable",
        "as-of-too-old",
      ]),
    },
  });
}

function findViews(
  { services, views }: Catalog,
  request: { readonly view?: string | undefined; readonly service?: string | undefined },
): readonly ServedView[] {
  if (request.view !== undefined && request.service === undefined) return [findView(views, request.view)];
  if (request.service !== undefined && request.view === undefined) {
    const served = services.get(request.service);
    if (served !== undefined) return served.views;
    throw new ProblemError(
      "unknown-service",
      `There is no service ${JSON.stringify(request.service)}; the services are ${[...services.keys()].join(", ") || "none"}.`,
    );
  }
  throw invalidRequest([
    { pointer: "#/view", issue: "missing", detail: "name either a view or a service, and not both." },
  ]);
}

function findView(views: ReadonlyMap<string, ServedView>, name: string): ServedView {
  const exact = views.get(name);
  if (exact !== undefined) return exact;
  const versions = [...views.values()].filter((view) => view.alias === name);
  if (versions.length === 1) return versions[0]!;
  if (versions.length === 0) {
    throw new ProblemError(
      "unknown-view",
      `There is no view ${JSON.stringify(name)}; the views are ${[...views.keys()].join(", ") || "none"}.`,
    );
  }
  const detail = `the view has several versions; name one of ${versions.map((view) => view.plan.id).join(", ")}.`;
  throw invalidRequest([{ pointer: "#/view", issue: "invalid-value", detail }]);
}
