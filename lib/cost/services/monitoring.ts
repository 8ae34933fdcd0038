import { type Charge, type CostLine, GB, MONTH_SECONDS } from "../cost-line.ts";
import type { StatedLoad } from "../load.ts";
import type { PipelineShape } from "../pipeline-shape.ts";
import type { SourceTraffic } from "../traffic.ts";

/** Metrics that functions/aggregate/emit-metrics.ts writes for each view, and for each source. */
const METRICS_A_VIEW = 9;
const METRICS_A_SOURCE = 7;
/** functions/infer/emit-metrics.ts: for each route, and for each model. */
const METRICS_A_ROUTE = 3;
const METRICS_A_MODEL = 3;
/** Features and predictions. */
const ROUTES = 2;

/** functions/history-transform/emit-metrics.ts: for each source. */
const METRICS_A_HISTORY = 4;

/**
 * Metrics that alarms of FeatureMonitoring look at, each of which is paid for: the two on ratios look at four each.
 * test/cost/monitoring.test.ts holds them to what is synthesised.
 */
const ALARM_METRICS_A_VIEW = 10;
const ALARM_METRICS_A_SOURCE = 7;
const ALARM_METRICS_OF_HEARTBEATS = 1;
const ALARM_METRICS_A_HISTORY = 2;
const ALARM_METRICS_OF_THE_API = 4;
const ALARM_METRICS_OF_LOSSES = 1;

/** Bytes of the log lines that the metrics are, and of what Lambda and CloudWatch add to an invocation. */
const LOG_BYTES_A_VIEW = 580;
const LOG_BYTES_A_SOURCE = 480;
const LOG_BYTES_AN_INVOCATION = 400;
/** The request's line, and the lines of its metrics. */
const LOG_BYTES_A_PREDICTION = 900;

/** CloudWatch: metrics, alarms, the dashboard, and logs, which the metrics are part of. */
export function monitoringLines(
  shape: PipelineShape,
  traffic: readonly SourceTraffic[],
  load: StatedLoad,
  charge: Charge,
): CostLine[] {
  const { views, sources, models } = shape;
  const keptHistory = load.history === "none" ? 0 : 1;
  const metrics =
    METRICS_A_VIEW * views.length +
    (METRICS_A_SOURCE + keptHistory * METRICS_A_HISTORY) * sources.length +
    METRICS_A_ROUTE * ROUTES +
    METRICS_A_MODEL * models;
  const alarms =
    ALARM_METRICS_A_VIEW * views.length +
    (ALARM_METRICS_A_SOURCE + keptHistory * ALARM_METRICS_A_HISTORY) * sources.length +
    (load.heartbeats
      ? ALARM_METRICS_OF_HEARTBEATS * sources.filter(({ slaMs }) => slaMs !== null).length
      : 0) +
    ALARM_METRICS_OF_THE_API +
    ALARM_METRICS_OF_LOSSES;
  const batches = traffic.reduce(
    (sum, each) =>
      sum +
      each.invocationsPerSecond *
        (LOG_BYTES_A_VIEW * each.views.length + LOG_BYTES_A_SOURCE + LOG_BYTES_AN_INVOCATION),
    0,
  );
  const predictions = load.predictionsPerSecond * (LOG_BYTES_A_PREDICTION + LOG_BYTES_AN_INVOCATION);
  return [
    charge("CloudWatch", "metrics", "cloudwatchMetricMonth", metrics),
    ...(load.monitoring
      ? [
          charge("CloudWatch", "alarms", "cloudwatchAlarmMonth", alarms),
          charge("CloudWatch", "dashboard", "cloudwatchDashboardMonth", 1),
        ]
      : []),
    charge("CloudWatch", "logs of batches", "cloudwatchLogsGb", (batches * MONTH_SECONDS) / GB),
    charge("CloudWatch", "logs of predictions", "cloudwatchLogsGb", (predictions * MONTH_SECONDS) / GB),
  ];
}
