import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Clock } from "../engine/ports/clock.ts";
import type { FeatureReader } from "../online/reader.ts";
import type { Catalog } from "./catalog.ts";
import type { ServeLimits } from "./limits/limits.ts";
import type { ServeLogger } from "./logger.ts";
import type { ServeMetrics } from "./metrics.ts";
import type { PredictionLog } from "./prediction-log.ts";
import type { ProblemError } from "./problems.ts";

/** What every route of one app shares. */
export interface ServeContext {
  readonly catalog: Catalog;
  readonly reader: FeatureReader;
  readonly clock: Clock;
  readonly logger: ServeLogger;
  readonly limits: ServeLimits;
  readonly metrics: ServeMetrics;
  readonly checkReady: () => Promise<void>;
  readonly onPrediction: PredictionLog | null;
}

/** What a request carries between the app's layers. */
export interface ServeVariables {
  Variables: {
    requestId: string;
    problem?: ProblemError;
    /** Aborted when the time limit has answered the request. */
    late: AbortSignal;
  };
}

/** The API as a Hono app: `app.fetch` is a web-standard handler, `app.request` asks it without a network. */
export type ServeApp = OpenAPIHono<ServeVariables>;
