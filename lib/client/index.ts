/**
 * For whoever calls: a typed client of the HTTP API, and a typed `put` for producers.
 *
 * @module freshet-kit/client
 */

export type { Timing } from "../online/backoff.ts";
export type {
  ModelName,
  Prediction,
  Problem,
  ServiceFeatures,
  ViewAnswer,
} from "./api/answers.ts";
export { ApiError } from "./api/api-error.ts";
export {
  type CallSettings,
  client,
  type PredictSettings,
  type ServiceClient,
  type ServiceContext,
  type ServiceKeys,
  type ServiceRequest,
} from "./api/client.ts";
export type { ClientOptions, ClientTiming } from "./api/client-options.ts";
export type { HistoryRequest, TileSeries, ViewHistory } from "./api/history.ts";
export { type PutOptions, put } from "./put/put.ts";
export { PutError } from "./put/put-error.ts";
export type { PutReport } from "./put/put-in-order.ts";
