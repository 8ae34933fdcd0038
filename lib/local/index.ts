/**
 * The embedded runtime: stream, table, functions and API of some definitions in one Node process.
 *
 * @module freshet-kit/local
 */

export type { Clock } from "../engine/ports/clock.ts";
export type { ObjectStore } from "../engine/ports/object-store.ts";
export type { ItemCounts } from "../engine/state/image-header.ts";
export type { BatchReport, BatchReporter, ViewOutcomes } from "../online/batch-report.ts";
export type { StateFolderOptions } from "./open-state.ts";
export type { DeliveryCounts } from "./poller/batch-delivery.ts";
export type { ShardPollerStats } from "./poller/shard-poller.ts";
export type { RawRecord } from "./producer/stream-producer.ts";
export type { LocalRuntime, LocalRuntimeStats } from "./runtime.ts";
export { startLocalRuntime } from "./runtime.ts";
export type { LocalRuntimeOptions } from "./runtime-options.ts";
export type { LocalLogger } from "./standard-error-logger.ts";
export type { StreamStats } from "./stream-feed.ts";
