import { Duration } from "aws-cdk-lib";
import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";

/**
 * The metrics that the functions write in embedded metric format, with the dimensions that they have there. A test holds
 * them to what the functions write. No dimension is an entity's: each value of one is a metric that is paid for.
 */
export interface OwnMetric {
  /** The pipeline's namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** CloudWatch's statistic, by default. */
  readonly statistic: string;
}

/** One of the functions' own metrics, by the minute. */
export function ownMetric(
  { namespace, name, dimensions, statistic }: OwnMetric,
  options: MetricOptions = {},
): Metric {
  return new Metric({
    namespace,
    metricName: name,
    dimensionsMap: { ...dimensions },
    statistic,
    period: Duration.minutes(1),
    ...options,
  });
}

/** What the aggregator tells of each view. */
export type ViewMetricName =
  | "Lag"
  | "Folded"
  | "Duplicate"
  | "Late"
  | "Excluded"
  | "Quarantined"
  | "AlreadyFolded"
  | "Unfinished";

/** What the aggregator tells of a source. */
export type SourceMetricName =
  | "Records"
  | "Heartbeats"
  | "UnfinishedBatches"
  | "WriteUnits"
  | "ReadUnits"
  | "FailedConditions"
  | "Throttles";

/** What the transform of the history tells of a source. */
export type HistoryMetricName = "Kept" | "Rejected" | "Heartbeats" | "WithoutPosition";

/** What the API tells of a route. */
export type RouteMetricName = "Requests" | "Latency" | "ServerErrors";

/** What the API tells of a model. */
export type ModelMetricName = "Predictions" | "SlaViolations" | "Fallbacks";

/** What the marker of losses tells of a source. */
export type LossMetricName = "LostBatches" | "LostRecords";

/** The namespace of a construct that is given none. */
export const DEFAULT_NAMESPACE = "Freshet";
