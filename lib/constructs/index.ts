export type { FeaturePipelineProps } from "./feature-pipeline-props.ts";
export type {
  AggregatorOptions,
  EventHistoryOptions,
  ExistingStream,
  FeatureMonitoringOptions,
  FunctionOptions,
  InferenceApiOptions,
  RetentionOptions,
  StreamOptions,
} from "./options.ts";
