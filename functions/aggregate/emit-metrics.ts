import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Clock } from "../../lib/engine/ports/clock.ts";
import type { BatchReporter } from "../../lib/online/batch-report.ts";

/** Writes a batch's report as CloudWatch metrics in embedded metric format: one log line a view, one for the table. */
export function createMetricsEmitter(clock: Clock, namespace = "Freshet"): BatchReporter {
  return (report) => {
    const { source, capacity } = report;
    for (const [view, outcomes] of Object.entries(report.views)) {
      const metrics = new Metrics({ namespace, serviceName: "aggregate" });
      metrics.addDimensions({ source, view });
      metrics.addMetric("Folded", MetricUnit.Count, outcomes.folded);
      metrics.addMetric("Duplicate", MetricUnit.Count, outcomes.duplicate);
      metrics.addMetric("Late", MetricUnit.Count, outcomes.late);
      metrics.addMetric("Excluded", MetricUnit.Count, outcomes.excluded);
      metrics.addMetric("Quarantined", MetricUnit.Count, outcomes.quarantined);
      metrics.addMetric("AlreadyFolded", MetricUnit.Count, outcomes.alreadyFolded);
      metrics.addMetric("Unfinished", MetricUnit.Count, outcomes.unfinished);
      if (outcomes.cleared !== null)
        metrics.addMetric("ClearedFolded", MetricUnit.Count, outcomes.cleared.folded);
      if (outcomes.progressArrivalMs !== null) {
        const lagMs = Math.max(0, clock.now() - outcomes.progressArrivalMs + report.clockSkewMs);
        metrics.addMetric("Lag", MetricUnit.Seconds, lagMs / 1000);
      }
      metrics.publishStoredMetrics();
    }
    const metrics = new Metrics({ namespace, serviceName: "aggregate" });
    metrics.addDimensions({ source });
    metrics.addMetric("Records", MetricUnit.Count, report.records);
    metrics.addMetric("Heartbeats", MetricUnit.Count, report.heartbeats);
    metrics.addMetric("UnfinishedBatches", MetricUnit.Count, report.failedSequenceNumber === null ? 0 : 1);
    metrics.addMetric("WriteUnits", MetricUnit.Count, capacity.writeUnits);
    metrics.addMetric("ReadUnits", MetricUnit.Count, capacity.readUnits);
    metrics.addMetric("FailedConditions", MetricUnit.Count, capacity.failedConditions);
    metrics.addMetric("Throttles", MetricUnit.Count, capacity.throttles);
    metrics.publishStoredMetrics();
  };
}
