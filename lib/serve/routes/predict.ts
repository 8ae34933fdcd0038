import { createRoute, z } from "@hono/zod-openapi";
import { answerPrediction, predictionAnswer, STALE_POLICIES } from "../answers.ts";
import { type Catalog, contextFields, keyNames, type ServedModel } from "../catalog.ts";
import type { ServeApp, ServeContext } from "../context.ts";
import { VIOLATION_HEADER, violationHeader } from "../freshness-policy.ts";
import { allReadings, type Prediction, predict, rejectionProblem } from "../predict.ts";
import { predictionLogEntry } from "../prediction-log.ts";
import { problemResponses } from "../problem-response.ts";
import { invalidRequest, ProblemError } from "../problems.ts";
import { scoringInputs } from "../scoring-inputs.ts";

/** Adds `POST /v1/predict`: reads a model's features under their SLA and scores it. */
export function addPredictRoute(app: ServeApp, serve: ServeContext): void {
  const { catalog, reader, clock, metrics } = serve;
  app.openapi(predictRoute(catalog), async (context) => {
    const request = context.req.valid("json");
    const inputs = scoringInputs(findModel(catalog, request.model), request, catalog.models);
    const outcome = await predict({ inputs, reader, clock });
    metrics.recordPrediction(outcome);
    if (outcome.policy === "reject") throw rejectionProblem(outcome);
    const requestId = context.get("requestId");
    await logPrediction(serve, outcome, requestId);
    const violations = violationHeader(allReadings(outcome));
    return context.json(
      answerPrediction(outcome, requestId),
      200,
      violations === null ? {} : { [VIOLATION_HEADER]: violations },
    );
  });
}

function predictRoute(catalog: Catalog) {
  const body = z
    .strictObject({
      model: z.string().optional().openapi({ description: "May be left out where there is only one model." }),
      keys: z
        .record(z.string(), z.unknown())
        .openapi({ description: "The entity keys that the model's views need." }),
      context: z
        .record(z.string(), z.unknown())
        .optional()
        .openapi({ description: "The request's context, as the model's service declares it." }),
      onStale: z.enum(STALE_POLICIES).optional().openapi({
        description: "What to do when a view violates its SLA, instead of the model's own policy.",
      }),
    })
    .openapi("PredictRequest");
  return createRoute({
    method: "post",
    path: "/v1/predict",
    operationId: "predict",
    summary: "Score a model on features read under their freshness SLA",
    description: [...catalog.models.values()].map(describeModel).join("\n\n"),
    request: { body: { required: true, content: { "application/json": { schema: body } } } },
    responses: {
      200: {
        description: `The score. Where a view violates its SLA, the header ${VIOLATION_HEADER} names it.`,
        content: { "application/json": { schema: predictionAnswer } },
      },
      ...problemResponses([
        "invalid-json",
        "invalid-request",
        "policy-unavailable",
        "unknown-model",
        "body-too-large",
        "unsupported-media-type",
        "derive-failed",
        "score-not-finite",
        "internal",
        "stale-features",
        "store-unavailable",
        "state-unreadable",
        "as-of-too-old",
      ]),
    },
  });
}

function describeModel({ model, service }: ServedModel): string {
  const keys = keyNames(service).join(", ") || "none";
  const fields = contextFields(service).join(", ") || "none";
  return `Model \`${model.name}\` version ${model.version}: keys ${keys}; context ${fields}; onStale ${model.onStale}.`;
}

function findModel({ models }: Catalog, name: string | undefined): ServedModel {
  const names = [...models.keys()].join(", ");
  if (name === undefined) {
    const [only, ...others] = models.values();
    if (only !== undefined && others.length === 0) return only;
    throw invalidRequest([
      {
        pointer: "#/model",
        issue: "missing",
        detail: `the model must be named; the models are ${names || "none"}.`,
      },
    ]);
  }
  const served = models.get(name);
  if (served !== undefined) return served;
  throw new ProblemError(
    "unknown-model",
    `There is no model ${JSON.stringify(name)}; the models are ${names || "none"}.`,
  );
}

async function logPrediction(serve: ServeContext, prediction: Prediction, requestId: string): Promise<void> {
  if (serve.onPrediction === null) return;
  try {
    await serve.onPrediction(predictionLogEntry(prediction, requestId));
  } catch (error) {
    serve.metrics.recordPredictionLogFailure();
    serve.logger.error("prediction not logged", { requestId, error });
  }
}
