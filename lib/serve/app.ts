import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import type { Definitions } from "../define/types.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { FeatureReader } from "../online/reader.ts";
import { createCatalog } from "./catalog.ts";
import type { ServeApp, ServeContext, ServeVariables } from "./context.ts";
import { errorToProblem } from "./error-to-problem.ts";
import type { ServeLogger } from "./logger.ts";
import { createServeMetrics } from "./metrics.ts";
import type { ScoringModel } from "./models/scoring-model.ts";
import type { PredictionLog } from "./prediction-log.ts";
import { problemResponse } from "./problem-response.ts";
import { invalidRequest, PROBLEMS, ProblemError } from "./problems.ts";
import { type Randomness, systemRandomness } from "./randomness.ts";
import { requestLog } from "./request-log.ts";
import { addFeaturesRoute } from "./routes/features.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addMetricsRoute } from "./routes/metrics.ts";
import { addOpenApiRoute } from "./routes/openapi.ts";
import { addPredictRoute } from "./routes/predict.ts";
import { schemaIssues } from "./schema-issues.ts";
import { type Stopwatch, systemStopwatch } from "./stopwatch.ts";

export interface ServeOptions {
  readonly definitions: Definitions;
  /** The loaded models, by name. */
  readonly models: ReadonlyMap<string, ScoringModel>;
  readonly reader: FeatureReader;
  readonly clock: Clock;
  readonly logger: ServeLogger;
  /** Resolves when the store answers; `/readyz` calls it. */
  readonly checkReady: () => Promise<void>;
  readonly onPrediction?: PredictionLog;
  /** @default {@link systemRandomness} */
  readonly randomness?: Randomness;
  /** @default {@link systemStopwatch} */
  readonly stopwatch?: Stopwatch;
  /** The largest request body. @default 65536 */
  readonly maxBodyBytes?: number;
  /** The version in `/openapi.json`. @default "1" */
  readonly apiVersion?: string;
}

const DEFAULT_MAX_BODY_BYTES = 65_536;

/**
 * The HTTP API over a feature reader and loaded models. Every answer carries `X-Request-Id` (the client's, if it is
 * up to 255 letters, digits, `_`, `-` and `=`); every error is a problem document.
 *
 * @throws FreshetError `DEFINITION_INVALID` or `MODEL_NOT_FOUND`, see {@link createCatalog}.
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
  const serve: ServeContext = {
    catalog: createCatalog(definitions, options.models),
    reader,
    clock,
    logger,
    checkReady,
    metrics: createServeMetrics(),
    onPrediction: options.onPrediction ?? null,
  };
  const app: ServeApp = new OpenAPIHono<ServeVariables>({
    defaultHook: async (result, context) => {
      if (!result.success) throw invalidRequest(schemaIssues(result.error, await context.req.json()));
    },
  });
  addMiddleware(app, serve, options);
  addPredictRoute(app, serve);
  addFeaturesRoute(app, serve);
  addHealthRoutes(app, serve);
  addMetricsRoute(app, serve);
  addOpenApiRoute(app, options.apiVersion ?? "1");
  return app;
}

function addMiddleware(app: ServeApp, { logger, metrics }: ServeContext, options: ServeOptions): void {
  const randomness = options.randomness ?? systemRandomness;
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  app.use(requestId({ generator: () => randomness.uuid() }));
  app.use(requestLog({ logger, metrics, stopwatch: options.stopwatch ?? systemStopwatch }));
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
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        throw new ProblemError("body-too-large", `The body is over the limit of ${maxBodyBytes} bytes.`);
      },
    }),
  );
  app.notFound((context) => {
    const problem = new ProblemError("not-found", `There is nothing at ${context.req.path}.`);
    context.set("problem", problem);
    return problemResponse(context, problem);
  });
  app.onError((error, context) => {
    const problem = errorToProblem(error);
    context.set("problem", problem);
    if (PROBLEMS[problem.type].status >= 500) {
      logger.error(problem.message, {
        requestId: context.get("requestId"),
        problem: problem.type,
        error: problem.cause ?? problem,
      });
    }
    return problemResponse(context, problem);
  });
}
