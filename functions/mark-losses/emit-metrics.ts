import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Environment } from "../environment.ts";
import { metricsNamespace } from "../metrics-namespace.ts";

/** A batch that no view will fold. */
export interface LossReport {
  /** The source whose stream it came from. */
  readonly source: string;
  /** The shard that it was of. */
  readonly shardId: string;
  /** How many it held. */
  readonly records: number;
  /** The views that the shard is unknown for now, by id. */
  readonly views: readonly string[];
}

/** Told of every batch that was marked. Must not throw. */
export type LossReporter = (report: LossReport) => void;

/** Writes a loss as CloudWatch metrics in embedded metric format. */
export function createLossMetrics(environment: Environment): LossReporter {
  const namespace = metricsNamespace(environment);
  return ({ source, records }) => {
    const metrics = new Metrics({ namespace, serviceName: "mark-losses" });
    metrics.addDimensions({ source });
    metrics.addMetric("LostBatches", MetricUnit.Count, 1);
    metrics.addMetric("LostRecords", MetricUnit.Count, records);
    metrics.publishStoredMetrics();
  };
}
