import { createRoute, z } from "@hono/zod-openapi";
import { answerView, featuresAnswer } from "../answers.ts";
import { type Catalog, keyNames, type ServedView } from "../catalog.ts";
import type { ServeApp, ServeContext } from "../context.ts";
import { findVersioned } from "../find-versioned.ts";
import { VIOLATION_HEADER, violationHeader } from "../freshness-policy.ts";
import { problemResponses } from "../problem-response.ts";
import { invalidRequest } from "../problems.ts";
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
      service: z
        .string()
        .optional()
        .openapi({ description: "A service's name, or name@version, for all of its views." }),
      keys: z.record(z.string(), z.unknown()).openapi({ description: "The entity keys, by name." }),
    })
    .openapi("FeaturesRequest");
  return createRoute({
    method: "post",
    path: "/v1/features",
    operationId: "features",
    summary: "Read the features of an entity",
    description: [
      ...[...views].map(([id, view]) => `View \`${id}\`: keys ${view.keyNames.join(", ") || "none"}.`),
      ...[...services].map(
        ([id, served]) => `Service \`${id}\`: keys ${keyNames(served).join(", ") || "none"}.`,
      ),
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
  { view, service }: { readonly view?: string | undefined; readonly service?: string | undefined },
): readonly ServedView[] {
  if (view !== undefined && service === undefined) return [findVersioned("view", views, view)];
  if (service !== undefined && view === undefined) return findVersioned("service", services, service).views;
  throw invalidRequest([
    { pointer: "#/view", issue: "missing", detail: "name either a view or a service, and not both." },
  ]);
}
