export { type Clock, systemClock } from "../engine/ports/clock.ts";
export { createDynamoStateStore, type DynamoStateStoreOptions } from "../online/dynamo-state-store.ts";
export {
  createReader,
  type FeatureReader,
  type FeatureReaderOptions,
  type FeatureReading,
  type FeatureRequest,
  type ReadPosition,
} from "../online/reader.ts";
export type { StateStore } from "../online/state-store.ts";
export { createServeApp, type ServeOptions } from "./app.ts";
export type { ServeApp } from "./context.ts";
export { type Admission, createAdmission } from "./limits/admission.ts";
export { DEFAULT_LIMITS, type ServeLimits } from "./limits/limits.ts";
export type { ServeLogger } from "./logger.ts";
export { closeModels, loadModels, type ReadModelFile } from "./models/load.ts";
export type { ScoringModel } from "./models/scoring-model.ts";
export type { PredictionLog, PredictionLogEntry, ViewLogEntry } from "./prediction-log.ts";
export type { RequestReport, RequestReporter } from "./request-report.ts";
export { stopOnSignal } from "./stop-on-signal.ts";
