import { createRoute, z } from "@hono/zod-openapi";
import {
  answerPrediction,
  type PredictionBatchAnswer,
  predictionAnswer,
  predictionBatchAnswer,
  STALE_POLICIES,
} from "../answers.ts";
import { type Catalog, contextFields, keyNames, type ServedModel } from "../catalog.ts";
import type { ServeApp, ServeContext } from "../context.ts";
import { VIOLATION_HEADER, violationHeader } from "../freshness-policy.ts";
import { logProblem } from "../log-problem.ts";
import {
  allReadings,
  type Outcome,
  type Prediction,
  predict,
  type Rejection,
  type RowInputs,
  rejectionProblem,
} from "../predict.ts";
import { predictionLogEntry } from "../prediction-log.ts";
import { BODY_PROBLEMS, problemDocumentOf, problemResponses, STATE_PROBLEMS } from "../problem-response.ts";
import { invalidRequest, ProblemError } from "../problems.ts";
import { problemOfRow, requestRows, rowFieldsWithContext } from "../request-rows.ts";
import { policyOf, type ScoringRequest, scoringInputs } from "../scoring-inputs.ts";
import { tellKnownFields } from "../unknown-field.ts";

/** Adds `POST /v1/predict`: reads a model's features under their SLA and scores it, for one entity or many. */
export function addPredictRoute(app: ServeApp, serve: ServeContext): void {
  const { catalog, limits } = serve;
  app.openapi(predictRoute(catalog), async (context) => {
    const request = context.req.valid("json");
    const model = findModel(catalog, request.model);
    const asked = requestRows(request, limits);
    const onStale = policyOf(model.model, request.onStale);
    const requestId = context.get("requestId");
    if (asked.kind === "one") {
      const [outcome] = await predictRows(serve, model, [{ ...asked.row, onStale }]);
      if (outcome instanceof ProblemError) throw outcome;
      if (outcome!.policy === "reject") throw rejectionProblem(outcome!);
      await logPrediction(serve, outcome!, { requestId, row: null });
      return context.json({ requestId, ...answerPrediction(outcome!) }, 200, violationHeaders([outcome!]));
    }
    const outcomes = await predictRows(
      serve,
      model,
      asked.rows.map((row) => ({ ...row, onStale })),
    );
    const results: PredictionBatchAnswer["results"] = [];
    for (const [row, outcome] of outcomes.entries()) {
      if (outcome instanceof ProblemError || outcome.policy === "reject") {
        const problem =
          outcome instanceof ProblemError ? problemOfRow(outcome, row) : rejectionProblem(outcome);
        logProblem(serve.logger, problem, requestId);
        results.push({ problem: problemDocumentOf(problem, requestId) });
      } else {
        await logPrediction(serve, outcome, { requestId, row });
        results.push(answerPrediction(outcome));
      }
    }
    const read = outcomes.flatMap((outcome) => (outcome instanceof ProblemError ? [] : [outcome]));
    return context.json({ requestId, results }, 200, violationHeaders(read));
  });
}

/** Checks every row, and predicts those that are in order together. */
async function predictRows(
  { catalog, reader, clock, metrics }: ServeContext,
  model: ServedModel,
  requests: readonly ScoringRequest[],
): Promise<readonly Outcome[]> {
  const inputs = requests.map((request): RowInputs | ProblemError => {
    try {
      return scoringInputs(model, request, catalog.models);
    } catch (error) {
      if (error instanceof ProblemError) return error;
      throw error;
    }
  });
  const rows = inputs.flatMap((each) => (each instanceof ProblemError ? [] : [each]));
  const predicted = await predict({ rows, reader, clock });
  let next = 0;
  const outcomes = inputs.map((each) => (each instanceof ProblemError ? each : predicted[next++]!));
  for (const outcome of outcomes) {
    if (!(outcome instanceof ProblemError)) metrics.recordPrediction(outcome);
  }
  return outcomes;
}

function violationHeaders(outcomes: readonly (Prediction | Rejection)[]): Record<string, string> {
  const violations = violationHeader(outcomes.flatMap(allReadings));
  return violations === null ? {} : { [VIOLATION_HEADER]: violations };
}

function predictRoute(catalog: Catalog) {
  const body = z
    .strictObject(
      {
        model: z
          .string()
          .optional()
          .openapi({ description: "May be left out where there is only one model." }),
        ...rowFieldsWithContext,
        onStale: z.enum(STALE_POLICIES).optional().openapi({
          description: "What to do when a view violates its SLA, instead of the model's own policy.",
        }),
      },
      { error: tellKnownFields },
    )
    .openapi("PredictRequest");
  return createRoute({
    method: "post",
    path: "/v1/predict",
    operationId: "predict",
    summary: "Score a model on features read under their freshness SLA, for one entity or many",
    description: [...catalog.models.values()].map(describeModel).join("\n\n"),
    request: { body: { required: true, content: { "application/json": { schema: body } } } },
    responses: {
      200: {
        description: `The score; for entities, a row each. Where a view violates its SLA, the header ${VIOLATION_HEADER} names it.`,
        content: { "application/json": { schema: z.union([predictionAnswer, predictionBatchAnswer]) } },
      },
      ...problemResponses([
        ...BODY_PROBLEMS,
        "policy-unavailable",
        "unknown-model",
        "derive-failed",
        "score-not-finite",
        "stale-features",
        ...STATE_PROBLEMS,
      ]),
    },
  });
}

function describeModel({ model, service, scoring }: ServedModel): string {
  const keys = keyNames(service).join(", ") || "none";
  const fields = contextFields(service).join(", ") || "none";
  return `Model \`${model.name}\` version ${model.version}: keys ${keys}; context ${fields}; onStale ${model.onStale}; a batch is scored ${scoring.batching === "one-run" ? "in one run" : "row by row, as the model's file holds one row a run"}.`;
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

async function logPrediction(
  serve: ServeContext,
  prediction: Prediction,
  of: { readonly requestId: string; readonly row: number | null },
): Promise<void> {
  if (serve.onPrediction === null) return;
  try {
    await serve.onPrediction(predictionLogEntry(prediction, of));
  } catch (error) {
    serve.metrics.recordPredictionLogFailure();
    serve.logger.error("prediction not logged", { requestId: of.requestId, error });
  }
}
