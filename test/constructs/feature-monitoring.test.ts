import type { Stack } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Topic } from "aws-cdk-lib/aws-sns";
import { describe, expect, it } from "vitest";
import { createMetricsEmitter } from "../../functions/aggregate/emit-metrics.ts";
import { createHistoryMetrics } from "../../functions/history-transform/emit-metrics.ts";
import { createInferMetrics } from "../../functions/infer/emit-metrics.ts";
import { createLossMetrics } from "../../functions/mark-losses/emit-metrics.ts";
import { FeaturePipeline, type FeaturePipelineProps } from "../../lib/constructs/index.ts";
import { openReport } from "../../lib/online/batch-report.ts";
import type { PredictionLogEntry } from "../../lib/serve/prediction-log.ts";
import { emittedBy } from "../functions/fixtures/emitted.ts";
import { ORDERS, resourcesOf, synthesise } from "./fixtures/synthesise.ts";

const pipeline =
  (props: Partial<FeaturePipelineProps> = {}) =>
  (stack: Stack) =>
    new FeaturePipeline(stack, "Pipeline", { definitions: ORDERS, ...props });
const { template, built } = synthesise(pipeline());

interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

const nameText = ({ namespace, name, dimensions }: MetricName) =>
  `${namespace} ${name} ${JSON.stringify(Object.entries(dimensions).sort())}`;

/** What the functions of a pipeline over the definitions write, as CloudWatch reads it. */
function emitted(): ReadonlySet<string> {
  const metrics = emittedBy(() => {
    const environment = { FRESHET_METRICS_NAMESPACE: built.metricsNamespace };
    const report = openReport({ name: "orders", clockSkewMs: 0 }, "writer", 3, ["card@1", "everything@1"]);
    for (const outcomes of Object.values(report.views)) outcomes.progressArrivalMs = 1_000;
    createMetricsEmitter({ now: () => 5_500 }, built.metricsNamespace)(report);
    createHistoryMetrics(environment)({
      source: "orders",
      kept: 1,
      rejected: 0,
      heartbeats: 0,
      withoutPosition: 0,
    });
    createLossMetrics(environment)({ source: "orders", shardId: "shard", records: 3, views: [] });
    const infer = createInferMetrics(environment);
    for (const route of ["/v1/predict", "/v1/features", "/healthz"]) {
      infer.onRequest({ method: "POST", route, status: 200, problem: null, durationMs: 12 });
    }
    infer.onRequest({
      method: "POST",
      route: "/v1/predict",
      status: 500,
      problem: "internal",
      durationMs: 12,
    });
    infer.onPrediction({
      requestedModel: { name: "risk", version: 1 },
      policy: "serve",
      views: { card: { status: "stale" } },
    } as unknown as PredictionLogEntry);
  }).flatMap(({ namespace, dimensions, values }) =>
    Object.keys(values).map((name) => ({ namespace, name, dimensions })),
  );
  expect(metrics.length).toBeGreaterThan(20);
  return new Set(metrics.map(nameText));
}

/** The pipeline's own metrics in its alarms. */
function alarmMetrics(): readonly MetricName[] {
  const stats = Object.values(resourcesOf(template, "AWS::CloudWatch::Alarm")).flatMap(({ Properties }) => {
    const several = Properties.Metrics as { MetricStat?: { Metric: Record<string, unknown> } }[] | undefined;
    return (
      several?.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Metric])) ?? [
        Properties,
      ]
    );
  });
  return stats.map((stat) => ({
    namespace: stat.Namespace as string,
    name: stat.MetricName as string,
    dimensions: Object.fromEntries(
      ((stat.Dimensions ?? []) as { Name: string; Value: string }[]).map(({ Name, Value }) => [Name, Value]),
    ),
  }));
}

/** The pipeline's own metrics in its dashboard. */
function dashboardMetrics(): readonly MetricName[] {
  const [dashboard] = Object.values(resourcesOf(template, "AWS::CloudWatch::Dashboard"));
  const body = dashboard!.Properties.DashboardBody as { "Fn::Join": [string, unknown[]] };
  const text = body["Fn::Join"][1].map((part) => (typeof part === "string" ? part : "-")).join("");
  const { widgets } = JSON.parse(text) as { widgets: { properties: { metrics?: unknown[][] } }[] };
  return widgets.flatMap(({ properties }) =>
    (properties.metrics ?? []).map((row) => {
      const [namespace, name, ...rest] = row as string[];
      const dimensions: Record<string, string> = {};
      for (let at = 0; typeof rest[at] === "string" && typeof rest[at + 1] === "string"; at += 2) {
        dimensions[rest[at]!] = rest[at + 1]!;
      }
      return { namespace: namespace!, name: name!, dimensions };
    }),
  );
}

describe("FeatureMonitoring", () => {
  it("watches metrics that the functions write, dimension for dimension", () => {
    const written = emitted();
    for (const metrics of [alarmMetrics(), dashboardMetrics()]) {
      const own = metrics.filter(({ namespace }) => namespace === built.metricsNamespace);
      expect(own.length).toBeGreaterThan(10);
      for (const metric of own) expect(written, nameText(metric)).toContain(nameText(metric));
    }
  });

  it("has no entity in a dimension of the functions' metrics", () => {
    const dimensions = new Set(
      [...emitted()].flatMap((text) =>
        (JSON.parse(text.slice(text.indexOf("[["))) as [string, string][]).map(([key]) => key),
      ),
    );
    expect([...dimensions].sort()).toEqual(["model", "route", "service", "source", "view"]);
  });

  it("reads of AWS's own metrics those of the pipeline's resources", () => {
    const own = alarmMetrics().filter(({ namespace }) => namespace !== built.metricsNamespace);
    const names = new Set(
      own.map(
        ({ namespace, name, dimensions }) =>
          `${namespace} ${name} ${Object.keys(dimensions).sort().join(" ")}`,
      ),
    );
    expect([...names].sort()).toEqual([
      "AWS/Firehose DeliveryToS3.DataFreshness DeliveryStreamName",
      "AWS/Kinesis WriteProvisionedThroughputExceeded StreamName",
      "AWS/Lambda Errors FunctionName",
      "AWS/Lambda Errors FunctionName Resource",
      "AWS/Lambda IteratorAge FunctionName",
      "AWS/Lambda Throttles FunctionName",
      "AWS/Lambda Throttles FunctionName Resource",
    ]);
  });

  it("has an alarm of each kind for each view and each source, and tells whom it is told to", () => {
    const { template: told, built: monitored } = synthesise((stack) => {
      const action = new SnsAction(new Topic(stack, "Topic"));
      return pipeline({ monitoring: { alarmActions: [action] } })(stack).monitoring!;
    });
    const alarms = resourcesOf(told, "AWS::CloudWatch::Alarm");
    const kinds = Object.keys(alarms)
      .map((id) => id.replace(/^PipelineMonitoring|^Pipeline|[0-9A-F]{8}$/g, ""))
      .sort();
    expect(kinds).toEqual([
      "ApiErrorAlarm",
      "ApiLatencyAlarm",
      "ApiServerErrorAlarm",
      "ApiThrottles",
      "LossErrors",
      "card1Duplicates",
      "card1Freshness",
      "card1Late",
      "card1Quarantined",
      "everything1Duplicates",
      "everything1Freshness",
      "everything1Late",
      "everything1Quarantined",
      "ordersAggregatorErrors",
      "ordersAggregatorThrottles",
      "ordersHeartbeatErrors",
      "ordersHistoryBehind",
      "ordersHistoryErrors",
      "ordersIteratorAge",
      "ordersLostBatches",
      "ordersStreamThrottles",
      "ordersTableThrottles",
      "ordersUnfinished",
    ]);
    expect(monitored.alarms).toHaveLength(kinds.length);
    for (const { Properties } of Object.values(alarms)) {
      expect(Properties.AlarmActions).toHaveLength(1);
      expect(Properties.OKActions).toHaveLength(1);
    }
  });
});
