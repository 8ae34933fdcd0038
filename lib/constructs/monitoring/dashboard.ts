import { Duration } from "aws-cdk-lib";
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  SingleValueWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import type { Aggregator } from "../aggregator.ts";
import type { EventHistory } from "../event-history.ts";
import type { FeatureTable } from "../feature-table.ts";
import type { InferenceApi } from "../inference-api.ts";

/** Of the 24 columns of a dashboard. */
const THIRD = 8;
const WHOLE = 24;

/** What a dashboard shows. */
export interface DashboardParts {
  readonly aggregators: readonly Aggregator[];
  readonly histories: readonly EventHistory[];
  readonly table: FeatureTable | undefined;
  readonly api: InferenceApi | undefined;
}

/** A row for each source, one for the API, one for the table and the history. */
export function createDashboard(scope: Construct, id: string, parts: DashboardParts): Dashboard {
  const { aggregators, histories, table, api } = parts;
  const dashboard = new Dashboard(scope, id, { defaultInterval: Duration.hours(3) });
  for (const aggregator of aggregators) dashboard.addWidgets(...sourceRow(aggregator));
  if (api !== undefined) dashboard.addWidgets(...apiRow(api));
  const last: IWidget[] = [];
  if (table !== undefined)
    last.push(graph("Table: units", [table.metricWriteUnits(), table.metricReadUnits()]));
  if (histories.length > 0) {
    last.push(
      graph(
        "History: seconds behind",
        histories.map((each) => each.metricDataFreshness({ label: each.source })),
      ),
      graph(
        "History: events kept, and kept among the errors",
        histories.flatMap((each) => [
          each.metricOfHistory("Kept", { label: `${each.source} kept` }),
          each.metricOfHistory("Rejected", { label: `${each.source} rejected` }),
        ]),
      ),
    );
  }
  if (last.length > 0) dashboard.addWidgets(...last);
  return dashboard;
}

function sourceRow(aggregator: Aggregator): readonly IWidget[] {
  const { source, views } = aggregator;
  const ofViews = (name: "Folded" | "Quarantined" | "Late" | "Duplicate") =>
    views.map((view) => aggregator.metricOfView(name, view.id, { label: `${view.id} ${name}` }));
  return [
    new TextWidget({ markdown: `## ${source}`, width: WHOLE, height: 1 }),
    new GraphWidget({
      title: "Lag of its views, seconds",
      width: THIRD,
      left: views.map((view) => aggregator.metricLag(view.id, { label: view.id })),
      leftAnnotations: [...new Set(views.map((view) => view.slaMs / 1000))].map((value) => ({
        value,
        label: `SLA ${value} s`,
      })),
      leftYAxis: { min: 0 },
    }),
    graph("Records and heartbeats", [
      aggregator.metricOfSource("Records"),
      aggregator.metricOfSource("Heartbeats"),
    ]),
    graph("Folded", ofViews("Folded")),
    graph("Set aside: quarantined, late, repeated", [
      ...ofViews("Quarantined"),
      ...ofViews("Late"),
      ...ofViews("Duplicate"),
    ]),
    graph("Iterator age, milliseconds", [aggregator.metricIteratorAge()]),
    graph("Errors, throttles, unfinished batches", [
      aggregator.metricErrors(),
      aggregator.metricThrottles(),
      aggregator.metricOfSource("Throttles", { label: "table throttles" }),
      aggregator.metricOfSource("UnfinishedBatches"),
    ]),
  ];
}

function apiRow(api: InferenceApi): readonly IWidget[] {
  return [
    new TextWidget({ markdown: "## API", width: WHOLE, height: 1 }),
    graph("Predictions: latency, milliseconds", [
      api.metricLatency({ statistic: "p50", label: "p50" }),
      api.metricLatency({ label: "p99" }),
    ]),
    graph("Requests", [
      api.metricOfRoute("Requests", "/v1/predict", { label: "predictions" }),
      api.metricOfRoute("Requests", "/v1/features", { label: "features" }),
    ]),
    new SingleValueWidget({
      title: "Errors and throttles",
      width: THIRD,
      metrics: [
        api.metricOfRoute("ServerErrors", "/v1/predict", { label: "server errors" }),
        api.alias.metricErrors({ period: Duration.minutes(1) }),
        api.metricThrottles(),
      ],
    }),
  ];
}

function graph(title: string, metrics: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, width: THIRD, left: [...metrics], leftYAxis: { min: 0 } });
}
