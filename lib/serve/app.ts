import { OpenAPIHono } from "@hono/zod-openapi";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import type { Definitions } from "../define/types.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { FeatureReader } from "../online/reader.ts";
import { createCatalog } from "./catalog.ts";
import type { ServeApp, ServeContext, ServeVariables } from "./context.ts";
import { errorToProblem } from "./error-to-problem.ts";
import { type Admission, createAdmission } from "./limits/admission.ts";
import { boundedWork } from "./limits/bounded-work.ts";
import { type ServeLimits, serveLimits } from "./limits/limits.ts";
import { timeLimit } from "./limits/time-limit.ts";
import { wholeBody } from "./limits/whole-body.ts";
import { logProblem } from "./log-problem.ts";
import type { ServeLogger } from "./logger.ts";
import { createServeMetrics } from "./metrics.ts";
import type { ScoringModel } from "./models/scoring-model.ts";
import type { PredictionLog } from "./prediction-log.ts";
import { problemResponse } from "./problem-response.ts";
import { invalidRequest, ProblemError } from "./problems.ts";
import { type Randomness, systemRandomness } from "./randomness.ts";
import { requestLog } from "./request-log.ts";
import type { RequestReporter } from "./request-report.ts";
import { addFeaturesRoute } from "./routes/features.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addHistoryRoute } from "./routes/history.ts";
import { addMetricsRoute } from "./routes/metrics.ts";
import { addOpenApiRoute } from "./routes/openapi.ts";
import { addPredictRoute } from "./routes/predict.ts";
import { addReferenceRoutes, type ReadReferenceScript } from "./routes/reference.ts";
import { addServicesRoute } from "./routes/services.ts";
import { addViewsRoute } from "./routes/views.ts";
import { schemaIssues } from "./schema-issues.ts";
import { type Stopwatch, systemStopwatch } from "./stopwatch.ts";

/** What {@link createServeApp} takes. */
export interface ServeOptions {
  /** What is served: every view, service and model of it. */
  readonly definitions: Definitions;
  /** The loaded models, by name. */
  readonly models: ReadonlyMap<string, ScoringModel>;
  /** Where features are read. */
  readonly reader: FeatureReader;
  /** What as-of times go by: the reader's. */
  readonly clock: Clock;
  /** Told of requests, and of what fails. */
  readonly logger: ServeLogger;
  /** Resolves when the store answers; `/readyz` calls it. */
  readonly checkReady: () => Promise<void>;
  /** Told of every answered prediction, with the positions it was read at. @default nobody is */
  readonly onPrediction?: PredictionLog;
  /** Told of every request, probes among them. */
  readonly onRequest?: RequestReporter;
  /** Where request ids come from. @default the machine's generator */
  readonly randomness?: Randomness;
  /** What measures requests, also where the clock is a replay's. @default the machine's monotonic clock */
  readonly stopwatch?: Stopwatch;
  /** What differs from {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<ServeLimits>;
  /** Who lets requests in, for whoever will shut the app down. @default one of the limits */
  readonly admission?: Admission;
  /** The script of the reference page. @default there is no such page */
  readonly readReferenceScript?: ReadReferenceScript;
  /** The version in `/openapi.json`. @default "1" */
  readonly apiVersion?: string;
}

/**
 * The HTTP API over a feature reader and loaded models. Every answer carries `X-Request-Id` (the client's, if it is
 * up to 255 letters, digits, `_`, `-` and `=`); every error is a problem document.
 *
 * @throws FreshetError `DEFINITION_INVALID` for definitions that do not fit together, or `MODEL_NOT_FOUND` for a model that was not loaded; `OPTION_INVALID` for a limit.
 * @example
 * ```ts
 * const app = createServeApp({ definitions, models, reader, clock: systemClock, logger, checkReady });
 * const answer = await app.request("/v1/predict", {
 *   method: "POST",
 *   headers: { "Content-Type": "application/json" },
 *   body: JSON.stringify({ keys: { origin: "ATL" }, context: { hour: 7 } }),
 * });
 * ```
 */
export function createServeApp(options: ServeOptions): ServeApp {
  const { definitions, logger, clock, reader, checkReady } = options;
  const limits = serveLimits(options.limits);
  const admission = options.admission ?? createAdmission(limits);
  const serve: ServeContext = {
    catalog: createCatalog(definitions, options.models),
    reader,
    clock,
    logger,
    checkReady,
    limits,
    metrics: createServeMetrics(admission),
    onPrediction: options.onPrediction ?? null,
  };
  const app: ServeApp = new OpenAPIHono<ServeVariables>({
    defaultHook: async (result, context) => {
      if (result.success) return;
      if (result.target === "json")
        throw invalidRequest(schemaIssues(result.error, await context.req.json()));
      throw invalidRequest(
        result.error.issues.map(({ path, message }) => ({
          pointer: `?${path.join(".")}`,
          issue: "invalid-value" as const,
          detail: message,
        })),
      );
    },
  });
  addMiddleware(app, serve, { ...options, admission });
  addPredictRoute(app, serve);
  addFeaturesRoute(app, serve);
  addViewsRoute(app, serve);
  addServicesRoute(app, serve);
  addHistoryRoute(app, serve);
  addHealthRoutes(app, serve);
  addMetricsRoute(app, serve);
  addOpenApiRoute(app, options.apiVersion ?? "1");
  if (options.readReferenceScript !== undefined) addReferenceRoutes(app, options.readReferenceScript);
  return app;
}

function addMiddleware(
  app: ServeApp,
  { logger, metrics, limits }: ServeContext,
  options: ServeOptions & { readonly admission: Admission },
): void {
  const randomness = options.randomness ?? systemRandomness;
  app.use(requestId({ generator: () => randomness.uuid() }));
  app.use(
    requestLog({
      logger,
      metrics,
      stopwatch: options.stopwatch ?? systemStopwatch,
      ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
    }),
  );
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (context, methods) => {
        const problem = new ProblemError(
          "method-not-allowed",
          `${context.req.method} is not allowed on ${context.req.path}; allowed is ${methods.join(", ")}.`,
          { headers: { Allow: methods.join(", ") } },
        );
        context.set("problem", problem);
        return problemResponse(context, problem);
      },
    }),
  );
  // Probes and metrics are answered under any load.
  app.use("/v1/*", timeLimit(limits.timeMs), wholeBody(limits.bodyBytes), boundedWork(options.admission));
  app.notFound((context) => {
    const problem = new ProblemError("not-found", `There is nothing at ${context.req.path}.`);
    context.set("problem", problem);
    return problemResponse(context, problem);
  });
  app.onError((error, context) => {
    const problem = errorToProblem(error);
    context.set("problem", problem);
    logProblem(logger, problem, context.get("requestId"));
    return problemResponse(context, problem);
  });
}
