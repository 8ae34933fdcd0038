/**
 * The CDK constructs: {@link FeaturePipeline} is everything, the others its parts.
 *
 * @module freshet-kit/constructs
 */

export type { GlueColumn, ViewToDeploy } from "../bundle/deployment-description.ts";
export type { CostEstimate, CostLine, CostService, Load, Saving, StatedLoad } from "../cost/index.ts";
export { Aggregator, type AggregatorProps } from "./aggregator.ts";
export type { DefinitionsProps, SourceProps } from "./definitions.ts";
export { EventHistory, type EventHistoryProps } from "./event-history.ts";
export { EventStream, type EventStreamProps } from "./event-stream.ts";
export { FeatureMonitoring, type FeatureMonitoringProps } from "./feature-monitoring.ts";
export { FeaturePipeline } from "./feature-pipeline.ts";
export type { FeaturePipelineProps } from "./feature-pipeline-props.ts";
export { FeatureTable, type FeatureTableProps } from "./feature-table.ts";
export { type HeartbeatPlan, heartbeatPlan } from "./heartbeat-plan.ts";
export { HistoryTable, type HistoryTableProps } from "./history-table.ts";
export { InferenceApi, type InferenceApiProps } from "./inference-api.ts";
export { LossMarker, type LossMarkerProps } from "./loss-marker.ts";
export type {
  HistoryMetricName,
  LossMetricName,
  ModelMetricName,
  RouteMetricName,
  SourceMetricName,
  ViewMetricName,
} from "./metrics.ts";
export type {
  AggregatorOptions,
  AnyBucket,
  AnyTable,
  EventHistoryOptions,
  ExistingStream,
  FeatureMonitoringOptions,
  FunctionOptions,
  InferenceApiOptions,
  RetentionOptions,
  StreamOptions,
} from "./options.ts";
export { StreamHeartbeats, type StreamHeartbeatsProps } from "./stream-heartbeats.ts";
