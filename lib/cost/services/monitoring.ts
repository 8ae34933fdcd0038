import { type Charge, type CostLine, GB, MONTH_SECONDS } from "../cost-line.ts";
import { isSentHeartbeats, type StatedLoad } from "../load.ts";
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
 * Metrics that alarms look at, each of which is paid for: the two on ratios look at four each. test/cost/monitoring.test.ts holds them to what is synthesised.
 */
export const ALARM_METRICS_A_VIEW = 10;
const ALARM_METRICS_A_SOURCE = 7;
const ALARM_METRICS_OF_HEARTBEATS = 1;
/** Of a source without heartbeats: records that are put, and invocations. */
const ALARM_METRICS_OF_SILENCE = 2;
const ALARM_METRICS_A_HISTORY = 2;
/** What FeatureMonitoring adds to the three that roll a new version of the API back, which are there without it too. */
const ALARM_METRICS_OF_THE_API = 1;
const ALARM_METRICS_OF_ROLLING_BACK = 3;
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
    (load.api ? METRICS_A_ROUTE * ROUTES + METRICS_A_MODEL * models : 0);
  const beating = sources.filter((source) => isSentHeartbeats(load, source)).length;
  const watched =
    ALARM_METRICS_A_VIEW * views.length +
    (ALARM_METRICS_A_SOURCE + keptHistory * ALARM_METRICS_A_HISTORY) * sources.length +
    ALARM_METRICS_OF_HEARTBEATS * beating +
    ALARM_METRICS_OF_SILENCE * (sources.length - beating) +
    (load.api ? ALARM_METRICS_OF_THE_API : 0) +
    ALARM_METRICS_OF_LOSSES;
  const alarms = (load.api ? ALARM_METRICS_OF_ROLLING_BACK : 0) + (load.monitoring ? watched : 0);
  const batches = traffic.reduce(
    (sum, each) =>
      sum +
      each.invocationsPerSecond *
        (LOG_BYTES_A_VIEW * each.views.length + LOG_BYTES_A_SOURCE + LOG_BYTES_AN_INVOCATION),
    0,
  );
  const predictions =
    (load.api ? load.predictionsPerSecond : 0) * (LOG_BYTES_A_PREDICTION + LOG_BYTES_AN_INVOCATION);
  return [
    charge("CloudWatch", "metrics", "cloudwatchMetricMonth", metrics),
    charge("CloudWatch", "alarms", "cloudwatchAlarmMonth", alarms),
    charge("CloudWatch", "dashboard", "cloudwatchDashboardMonth", load.monitoring ? 1 : 0),
    charge("CloudWatch", "logs of batches", "cloudwatchLogsGb", (batches * MONTH_SECONDS) / GB),
    charge("CloudWatch", "logs of predictions", "cloudwatchLogsGb", (predictions * MONTH_SECONDS) / GB),
  ];
}
