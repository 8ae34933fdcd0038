export type { SetAsideRecord, TestCounts, TestReading } from "./answers.ts";
export type { Fault, FaultKind } from "./faults/fault.ts";
export type { TestPipeline, TestRecord } from "./pipeline.ts";
export { testPipeline } from "./test-pipeline.ts";
export type { Score, TestPipelineOptions } from "./test-pipeline-options.ts";
