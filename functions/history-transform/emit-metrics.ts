import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Environment } from "../environment.ts";
import { metricsNamespace } from "../metrics-namespace.ts";

/** What became of a batch's records. */
export interface HistoryReport {
  readonly source: string;
  readonly kept: number;
  readonly rejected: number;
  readonly heartbeats: number;
  /** Of those kept: came without shard and sequence number. */
  readonly withoutPosition: number;
}

/** Takes reports as batches end. Must not throw. */
export type HistoryReporter = (report: HistoryReport) => void;

/** Writes a batch's report as CloudWatch metrics in embedded metric format. */
export function createHistoryMetrics(environment: Environment): HistoryReporter {
  const namespace = metricsNamespace(environment);
  return ({ source, kept, rejected, heartbeats, withoutPosition }) => {
    const metrics = new Metrics({ namespace, serviceName: "history-transform" });
    metrics.addDimensions({ source });
    metrics.addMetric("Kept", MetricUnit.Count, kept);
    metrics.addMetric("Rejected", MetricUnit.Count, rejected);
    metrics.addMetric("Heartbeats", MetricUnit.Count, heartbeats);
    metrics.addMetric("WithoutPosition", MetricUnit.Count, withoutPosition);
    metrics.publishStoredMetrics();
  };
}
