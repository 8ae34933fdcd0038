import { createRoute, z } from "@hono/zod-openapi";
import { FreshetError } from "../../define/error.ts";
import { answerFeatures, featuresAnswer, featuresBatchAnswer } from "../answers.ts";
import { type Catalog, keyNames, type ServedView } from "../catalog.ts";
import type { ServeApp, ServeContext } from "../context.ts";
import { findVersioned } from "../find-versioned.ts";
import { VIOLATION_HEADER, violationHeader } from "../freshness-policy.ts";
import { logProblem } from "../log-problem.ts";
import { BODY_PROBLEMS, problemDocumentOf, problemResponses, STATE_PROBLEMS } from "../problem-response.ts";
import { invalidRequest } from "../problems.ts";
import { readViews, type ServedReading } from "../read-views.ts";
import { checkKeys } from "../request-keys.ts";
import { problemOfRow, type RequestRow, requestRows, rowFields } from "../request-rows.ts";
import { tellKnownFields } from "../unknown-field.ts";

/** Adds `POST /v1/features`: reads the features of one view, or of all views of a service, for one entity or many. */
export function addFeaturesRoute(app: ServeApp, serve: ServeContext): void {
  const { catalog, limits } = serve;
  app.openapi(featuresRoute(catalog), async (context) => {
    const request = context.req.valid("json");
    const views = findViews(catalog, request);
    const asked = requestRows(request, limits);
    const requestId = context.get("requestId");
    if (asked.kind === "one") {
      const [read] = await readRows(serve, views, [asked.row]);
      if (read instanceof FreshetError) throw read;
      return context.json({ requestId, views: answerFeatures(read!) }, 200, violationHeaders(read!));
    }
    const rows = await readRows(serve, views, asked.rows);
    const results = rows.map((read, index) => {
      if (!(read instanceof FreshetError)) return { views: answerFeatures(read) };
      const problem = problemOfRow(read, index);
      logProblem(serve.logger, problem, requestId);
      return { problem: problemDocumentOf(problem, requestId) };
    });
    const readings = rows.flatMap((read) => (read instanceof FreshetError ? [] : read));
    return context.json({ requestId, results }, 200, violationHeaders(readings));
  });
}

/** Reads the rows that are in order, in one call. */
async function readRows(
  { reader, metrics }: ServeContext,
  views: readonly ServedView[],
  rows: readonly RequestRow[],
): Promise<readonly (readonly ServedReading[] | FreshetError)[]> {
  const checked = rows.map(({ keys }) => checkKeys(views, keys));
  const read = await readViews(
    reader,
    checked.flatMap(({ keys }) => (keys === null ? [] : [{ views, keys }])),
  );
  let next = 0;
  const answers = checked.map(({ keys, issues }) => (keys === null ? invalidRequest(issues) : read[next++]!));
  for (const answer of answers) if (!(answer instanceof FreshetError)) metrics.recordReadings(answer);
  return answers;
}

function violationHeaders(readings: readonly ServedReading[]): Record<string, string> {
  const violations = violationHeader(readings);
  return violations === null ? {} : { [VIOLATION_HEADER]: violations };
}

function featuresRoute({ services, views }: Catalog) {
  const body = z
    .strictObject(
      {
        view: z
          .string()
          .optional()
          .openapi({ description: "A view's name, or name@version where it has several versions." }),
        service: z
          .string()
          .optional()
          .openapi({ description: "A service's name, or name@version, for all of its views." }),
        ...rowFields,
      },
      { error: tellKnownFields },
    )
    .openapi("FeaturesRequest");
  return createRoute({
    method: "post",
    path: "/v1/features",
    operationId: "features",
    summary: "Read the features of an entity, or of many",
    description: [
      ...[...views].map(([id, view]) => `View \`${id}\`: keys ${view.keyNames.join(", ") || "none"}.`),
      ...[...services].map(
        ([id, served]) => `Service \`${id}\`: keys ${keyNames(served).join(", ") || "none"}.`,
      ),
    ].join("\n\n"),
    request: { body: { required: true, content: { "application/json": { schema: body } } } },
    responses: {
      200: {
        description: `The features; for entities, a row each. Where a view violates its SLA, the header ${VIOLATION_HEADER} names it.`,
        content: { "application/json": { schema: z.union([featuresAnswer, featuresBatchAnswer]) } },
      },
      ...problemResponses([...BODY_PROBLEMS, "unknown-view", "unknown-service", ...STATE_PROBLEMS]),
    },
  });
}

function findViews(
  { services, views }: Catalog,
  { view, service }: { readonly view?: string | undefined; readonly service?: string | undefined },
): readonly ServedView[] {
  if (view !== undefined && service === undefined) return [findVersioned("view", views, view)];
  if (service !== undefined && view === undefined) return findVersioned("service", services, service).views;
  const issue = view === undefined ? "missing" : "invalid-value";
  throw invalidRequest([
    { pointer: "#/view", issue, detail: "name either a view or a service, and not both." },
  ]);
}
