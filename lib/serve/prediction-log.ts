import type { FeatureReading } from "../online/reader.ts";
import type { Prediction } from "./predict.ts";
import type { ServedReading } from "./read-views.ts";

/** What was read of one view for a prediction. */
export type ViewLogEntry = Pick<
  FeatureReading,
  | "view"
  | "version"
  | "key"
  | "known"
  | "asOfMs"
  | "lagMs"
  | "status"
  | "warming"
  | "consistent"
  | "positions"
>;

/** One answered prediction, as `as-served` training sets and the audit need it (R9). Plain JSON. */
export interface PredictionLogEntry {
  /** The as-of time of what was served, epoch milliseconds. */
  readonly timeMs: number;
  readonly requestId: string;
  /** The row's place among the request's entities; null for a request of one. */
  readonly row: number | null;
  readonly score: number;
  readonly policy: Prediction["policy"];
  readonly requestedModel: { readonly name: string; readonly version: number };
  readonly model: { readonly name: string; readonly version: number };
  readonly service: { readonly name: string; readonly version: number };
  /** The request's context, as the service's schema read it. */
  readonly context: Readonly<Record<string, unknown>>;
  /** What was scored, null entries for NaN; null itself where no model ran. */
  readonly vector: { readonly names: readonly string[]; readonly values: readonly (number | null)[] } | null;
  /** What was read, by alias, with the position it was read at. */
  readonly views: Readonly<Record<string, ViewLogEntry>>;
}

/** Takes each answered prediction. The answer waits for it; when it fails, that is logged and counted, and the answer goes out. */
export type PredictionLog = (entry: PredictionLogEntry) => void | Promise<void>;

export function predictionLogEntry(
  prediction: Prediction,
  { requestId, row }: { readonly requestId: string; readonly row: number | null },
): PredictionLogEntry {
  const { requested, model, vector } = prediction;
  return {
    timeMs: prediction.asOfMs,
    requestId,
    row,
    score: prediction.score,
    policy: prediction.policy,
    requestedModel: { name: requested.name, version: requested.version },
    model: { name: model.name, version: model.version },
    service: { name: model.service.name, version: model.service.version },
    context: prediction.context,
    vector:
      vector === null
        ? null
        : { names: vector.names, values: vector.values.map((value) => (Number.isNaN(value) ? null : value)) },
    views: Object.fromEntries(prediction.readings.map((reading) => [reading.alias, logView(reading)])),
  };
}

function logView(reading: ServedReading): ViewLogEntry {
  const { view, version, key, known, asOfMs, lagMs, status, warming, consistent, positions } = reading;
  return { view, version, key, known, asOfMs, lagMs, status, warming, consistent, positions };
}
