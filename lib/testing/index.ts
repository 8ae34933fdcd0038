/**
 * A whole pipeline inside a test, on a fake clock.
 *
 * @module freshet-kit/testing
 */

export type { LossReport } from "../../functions/mark-losses/emit-metrics.ts";
export type { ItemCounts } from "../engine/state/image-header.ts";
export type { BatchReport, ViewOutcomes } from "../online/batch-report.ts";
export type { CapacityMeter } from "../online/capacity-meter.ts";
export type { SetAsideRecord, TestCounts, TestReading } from "./answers.ts";
export type { Fault, FaultKind } from "./faults/fault.ts";
export type { TestHistory, TestHistoryEvent, TestHistoryRejection } from "./history.ts";
export type { TestPipeline, TestRecord } from "./pipeline.ts";
export { testPipeline } from "./test-pipeline.ts";
export type { Score, TestPipelineOptions } from "./test-pipeline-options.ts";
