import { Duration, type Stack } from "aws-cdk-lib";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { describe, expect, it } from "vitest";
import { FeaturePipeline, type FeaturePipelineProps } from "../../lib/constructs/index.ts";
import { ORDERS, READINGS, resourcesOf, synthesise } from "./fixtures/synthesise.ts";

interface MetricQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: { readonly MetricName: string; readonly Namespace: string };
    readonly Period: number;
    readonly Stat: string;
  };
}

/** Namespace as far as it is AWS's own; those of pipelines differ. */
const spaceOf = (namespace: unknown) => (String(namespace).startsWith("AWS/") ? `${namespace} ` : "");

/** What an alarm looks at. */
function metricText({ Properties }: { readonly Properties: Record<string, unknown> }): string {
  const queries = Properties.Metrics as readonly MetricQuery[] | undefined;
  if (queries === undefined) {
    const { Namespace, MetricName, Statistic, ExtendedStatistic, Period } = Properties;
    return `${spaceOf(Namespace)}${MetricName} ${Statistic ?? ExtendedStatistic} ${Period}`;
  }
  const parts = queries.flatMap(({ Id, MetricStat }) =>
    MetricStat === undefined
      ? []
      : [
          `${Id} = ${spaceOf(MetricStat.Metric.Namespace)}${MetricStat.Metric.MetricName} ${MetricStat.Stat} ${MetricStat.Period}`,
        ],
  );
  return [queries.find(({ Expression }) => Expression !== undefined)!.Expression, ...parts.sort()].join("; ");
}

/** Alarms as rows: what, above or from which threshold, of how many periods how many, and what missing data is. */
function alarmsOf(props: FeaturePipelineProps | ((stack: Stack) => FeaturePipelineProps)) {
  const { template } = synthesise(
    (stack) => new FeaturePipeline(stack, "Pipeline", typeof props === "function" ? props(stack) : props),
  );
  return Object.fromEntries(
    Object.entries(resourcesOf(template, "AWS::CloudWatch::Alarm")).map(([id, alarm]) => {
      const { ComparisonOperator, Threshold, EvaluationPeriods, DatapointsToAlarm, TreatMissingData } =
        alarm.Properties;
      const operator = { GreaterThanThreshold: ">", GreaterThanOrEqualToThreshold: ">=" }[
        ComparisonOperator as string
      ];
      return [
        id.replace(/^PipelineMonitoring|^Pipeline|[0-9A-F]{8}$/g, ""),
        [
          metricText(alarm),
          `${operator} ${Threshold}`,
          `${DatapointsToAlarm ?? EvaluationPeriods} of ${EvaluationPeriods}`,
          TreatMissingData,
        ],
      ];
    }),
  );
}

const RATIO_PARTS = "duplicate = Duplicate Sum 300; folded = Folded Sum 300; late = Late Sum 300";
const ratio = (part: string) =>
  `IF(folded + late + duplicate > 0, part / (folded + late + duplicate), 0); ${RATIO_PARTS}; part = ${part} Sum 300`;

const viewAlarms = (id: string) => ({
  [`${id}Freshness`]: ["Lag Maximum 60", "> 120", "2 of 2", "breaching"],
  [`${id}Quarantined`]: ["Quarantined Sum 300", "> 0", "1 of 1", "notBreaching"],
  [`${id}Late`]: [ratio("Late"), "> 0.01", "2 of 3", "notBreaching"],
  [`${id}Duplicates`]: [ratio("Duplicate"), "> 0.1", "2 of 3", "notBreaching"],
});

const API_ALARMS = {
  ApiErrorAlarm: ["AWS/Lambda Errors Sum 60", ">= 1", "1 of 1", "notBreaching"],
  ApiServerErrorAlarm: ["ServerErrors Sum 60", "> 0", "2 of 3", "notBreaching"],
  ApiLatencyAlarm: ["Latency p99 60", "> 1000", "2 of 3", "notBreaching"],
  ApiThrottles: ["AWS/Lambda Throttles Sum 60", "> 0", "3 of 3", "notBreaching"],
};

describe("the alarms of a pipeline", () => {
  it("are these", () => {
    expect(alarmsOf({ definitions: ORDERS })).toEqual({
      ...viewAlarms("card1"),
      ...viewAlarms("everything1"),
      // A quarter of seven days.
      ordersIteratorAge: ["AWS/Lambda IteratorAge Maximum 60", "> 151200000", "1 of 1", "notBreaching"],
      ordersUnfinished: ["UnfinishedBatches Sum 60", "> 0", "5 of 5", "notBreaching"],
      ordersAggregatorErrors: ["AWS/Lambda Errors Sum 60", "> 0", "2 of 3", "notBreaching"],
      ordersAggregatorThrottles: ["AWS/Lambda Throttles Sum 60", "> 0", "5 of 5", "notBreaching"],
      ordersTableThrottles: ["Throttles Sum 300", "> 0", "3 of 3", "notBreaching"],
      ordersStreamThrottles: [
        "AWS/Kinesis WriteProvisionedThroughputExceeded Sum 300",
        "> 0",
        "3 of 3",
        "notBreaching",
      ],
      ordersHeartbeatErrors: ["AWS/Lambda Errors Sum 60", "> 0", "2 of 3", "notBreaching"],
      ordersHistoryBehind: [
        "AWS/Firehose DeliveryToS3.DataFreshness Maximum 300",
        "> 1800",
        "2 of 2",
        "notBreaching",
      ],
      ordersHistoryErrors: ["AWS/Lambda Errors Sum 300", "> 0", "1 of 1", "notBreaching"],
      ordersLostBatches: ["LostBatches Sum 60", "> 0", "1 of 1", "notBreaching"],
      LossErrors: ["AWS/Lambda Errors Sum 60", "> 0", "1 of 1", "notBreaching"],
      ...API_ALARMS,
    });
  });

  it("miss heartbeats by the schedule that sends them, whatever the SLA", () => {
    // The tightest is an hour: a heartbeat every twenty minutes.
    expect(alarmsOf({ definitions: READINGS })).toMatchObject({
      sensor1Freshness: ["Lag Maximum 1200", "> 3600", "2 of 2", "breaching"],
      everywhere1Freshness: ["Lag Maximum 1200", "> 86400", "2 of 2", "breaching"],
      readingsHeartbeatErrors: ["AWS/Lambda Errors Sum 1200", "> 0", "1 of 1", "notBreaching"],
    });
  });

  describe("without heartbeats", () => {
    const existing = (props: Partial<FeaturePipelineProps> = {}) =>
      alarmsOf((stack) => ({
        definitions: ORDERS,
        streams: {
          orders: Stream.fromStreamArn(stack, "Stream", "arn:aws:kinesis:eu-west-1:123456789012:stream/s"),
        },
        ...props,
      }));

    it("miss an aggregator that is not invoked though records are put, and cannot know that a silent stream is read", () => {
      const alarms = existing();
      expect(alarms).toMatchObject({
        card1Freshness: ["Lag Maximum 60", "> 120", "2 of 2", "notBreaching"],
        ordersNotRead: [
          "IF(FILL(put, 0) > 0 AND FILL(invocations, 0) == 0, 1, 0); invocations = AWS/Lambda Invocations Sum 300; put = AWS/Kinesis IncomingRecords Sum 300",
          "> 0",
          "3 of 3",
          "notBreaching",
        ],
      });
      expect(alarms).not.toHaveProperty("ordersHeartbeatErrors");
    });

    it("and with filters, cannot know that either: what is put may be left out", () => {
      expect(existing({ aggregator: { filters: [{ data: { amount: [1] } }] } })).not.toHaveProperty(
        "ordersNotRead",
      );
    });
  });

  it("have the limits that they are told to", () => {
    expect(
      alarmsOf({
        definitions: ORDERS,
        monitoring: { lateRatio: 0.2, duplicateRatio: 0.3 },
        api: { latencyLimit: Duration.millis(250) },
      }),
    ).toMatchObject({
      card1Late: [ratio("Late"), "> 0.2", "2 of 3", "notBreaching"],
      card1Duplicates: [ratio("Duplicate"), "> 0.3", "2 of 3", "notBreaching"],
      ApiLatencyAlarm: ["Latency p99 60", "> 250", "2 of 3", "notBreaching"],
    });
  });
});
