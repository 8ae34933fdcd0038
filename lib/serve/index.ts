/**
 * The HTTP API in a process of your own.
 *
 * @module freshet-kit/serve
 */

export type { TileSeries, TileStretch, TileValue } from "../engine/history.ts";
export { planView, type ViewPlan } from "../engine/plan.ts";
export { type Clock, systemClock } from "../engine/ports/clock.ts";
export type { BackoffOptions, Timing } from "../online/backoff.ts";
export { type CapacityMeter, createCapacityMeter } from "../online/capacity-meter.ts";
export { createDynamoStateStore, type DynamoStateStoreOptions } from "../online/dynamo-state-store.ts";
export type { Freshness, FreshnessStatus } from "../online/freshness.ts";
export {
  createReader,
  type EntityReading,
  type FeatureReader,
  type FeatureReaderOptions,
  type FeatureReading,
  type FeatureRequest,
  type HistoryRange,
  type HistoryReading,
  type ReadOptions,
  type ReadPosition,
} from "../online/reader.ts";
export type {
  Expected,
  GetOptions,
  ItemValue,
  PutOptions,
  PutOutcome,
  StateStore,
  StoredItem,
} from "../online/state-store.ts";
export type { ShardFreshness, ViewFreshness } from "../online/view-freshness.ts";
export { createServeApp, type ServeOptions } from "./app.ts";
export type { ServeApp } from "./context.ts";
export { type Admission, createAdmission } from "./limits/admission.ts";
export { DEFAULT_LIMITS, type ServeLimits } from "./limits/limits.ts";
export type { ServeLogger } from "./logger.ts";
export { closeModels, loadModels, type ReadModelFile } from "./models/load.ts";
export type { ScoringModel } from "./models/scoring-model.ts";
export type { PredictionLog, PredictionLogEntry, ViewLogEntry } from "./prediction-log.ts";
export type { Randomness } from "./randomness.ts";
export type { RequestReport, RequestReporter } from "./request-report.ts";
export type { ReadReferenceScript } from "./routes/reference.ts";
export { type SignalledProcess, type StopSignal, stopOnSignal } from "./stop-on-signal.ts";
export type { Stopwatch } from "./stopwatch.ts";
