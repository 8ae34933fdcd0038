import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { CfnEventSourceMapping } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { ViewToDeploy } from "../../bundle/deployment-description.ts";
import type { Aggregator } from "../aggregator.ts";
import type { EventHistory } from "../event-history.ts";
import type { EventStream } from "../event-stream.ts";
import type { HeartbeatPlan } from "../heartbeat-plan.ts";
import type { InferenceApi } from "../inference-api.ts";
import type { LossMarker } from "../loss-marker.ts";

const FIVE_MINUTES = Duration.minutes(5);

/** Beyond this the history is behind by more than one object. */
const HISTORY_BEHIND_SECONDS = 1_800;

interface AlarmSettings {
  readonly description: string;
  readonly metric: IMetric;
  readonly above: number;
  /** Periods of the metric, and how many of them must be above. */
  readonly periods?: number;
  readonly datapoints?: number;
  readonly missing?: TreatMissingData;
}

function createAlarm(scope: Construct, id: string, settings: AlarmSettings): Alarm {
  const { description, metric, above, periods = 1, datapoints = periods } = settings;
  return new Alarm(scope, id, {
    alarmDescription: description,
    metric,
    threshold: above,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    datapointsToAlarm: datapoints,
    treatMissingData: settings.missing ?? TreatMissingData.NOT_BREACHING,
  });
}

/** Alarms on the answers of one view. */
export function viewAlarms(
  scope: Construct,
  aggregator: Aggregator,
  {
    view,
    heartbeats,
    lateRatio,
    duplicateRatio,
  }: {
    readonly view: ViewToDeploy;
    /** Of the view's stream; undefined where none are sent. */
    readonly heartbeats: HeartbeatPlan | undefined;
    readonly lateRatio: number;
    readonly duplicateRatio: number;
  },
): readonly Alarm[] {
  const { id } = view;
  const count = (name: "Folded" | "Late" | "Duplicate" | "Quarantined") =>
    aggregator.metricOfView(name, id, { period: FIVE_MINUTES });
  const ratio = (name: "Late" | "Duplicate", label: string) =>
    new MathExpression({
      expression: "IF(folded + late + duplicate > 0, part / (folded + late + duplicate), 0)",
      usingMetrics: {
        folded: count("Folded"),
        late: count("Late"),
        duplicate: count("Duplicate"),
        part: count(name),
      },
      label,
      period: FIVE_MINUTES,
    });
  return [
    createAlarm(scope, `${id} Freshness`, {
      description: `View ${id} is behind its SLA of ${view.slaMs / 1000} s: answers say that they are stale.`,
      // Each invocation of the schedule is folded in a period: where nothing is, all stands still, and nothing else says so.
      metric: aggregator.metricLag(
        id,
        heartbeats === undefined ? {} : { period: Duration.minutes(heartbeats.scheduleMinutes) },
      ),
      above: view.slaMs / 1000,
      periods: 2,
      missing: heartbeats === undefined ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    }),
    createAlarm(scope, `${id} Quarantined`, {
      description: `Records that view ${id} cannot take were set aside: see quarantine/ in the bucket.`,
      metric: count("Quarantined"),
      above: 0,
    }),
    createAlarm(scope, `${id} Late`, {
      description: `Of view ${id}'s events, more than ${lateRatio * 100} % come too late to be counted: see late/ in the bucket.`,
      metric: ratio("Late", "late events, of all"),
      above: lateRatio,
      periods: 3,
      datapoints: 2,
    }),
    createAlarm(scope, `${id} Duplicates`, {
      description: `Of view ${id}'s events, more than ${duplicateRatio * 100} % are repeats: a producer retries more than it must.`,
      metric: ratio("Duplicate", "repeated events, of all"),
      above: duplicateRatio,
      periods: 3,
      datapoints: 2,
    }),
  ];
}

/** Alarms on the folding of one source. */
export function aggregatorAlarms(scope: Construct, aggregator: Aggregator): readonly Alarm[] {
  const { source, retention } = aggregator;
  const quarterMs = retention.toMilliseconds() / 4;
  return [
    createAlarm(scope, `${source} IteratorAge`, {
      description: `A shard of ${source} has waited for a quarter of its stream's retention: after all of it, records are lost.`,
      metric: aggregator.metricIteratorAge(),
      above: quarterMs,
    }),
    createAlarm(scope, `${source} Unfinished`, {
      description: `Batches of ${source} could not be finished for five minutes: the store, or an unknown state version.`,
      metric: aggregator.metricOfSource("UnfinishedBatches"),
      above: 0,
      periods: 5,
    }),
    createAlarm(scope, `${source} AggregatorErrors`, {
      description: `The aggregator of ${source} fails whole: it runs out of time or memory, or does not begin.`,
      metric: aggregator.metricErrors(),
      above: 0,
      periods: 3,
      datapoints: 2,
    }),
    createAlarm(scope, `${source} AggregatorThrottles`, {
      description: `Lambda refuses the aggregator of ${source} concurrency.`,
      metric: aggregator.metricThrottles(),
      above: 0,
      periods: 5,
    }),
    createAlarm(scope, `${source} TableThrottles`, {
      description: `DynamoDB throttles the aggregator of ${source}: a hot entity, or the table's own limit.`,
      metric: aggregator.metricOfSource("Throttles", { period: FIVE_MINUTES }),
      above: 0,
      periods: 3,
    }),
  ];
}

/** Alarms on a stream, and on its heartbeats. */
export function streamAlarms(scope: Construct, stream: EventStream): readonly Alarm[] {
  const { source, heartbeats } = stream;
  const throttled = createAlarm(scope, `${source} StreamThrottles`, {
    description: `Kinesis refuses puts to the stream of ${source} for want of shards.`,
    metric: stream.metricThrottles({ period: FIVE_MINUTES }),
    above: 0,
    periods: 3,
  });
  if (heartbeats === undefined) return [throttled];
  const { scheduleMinutes } = heartbeats.plan;
  const failing = createAlarm(scope, `${source} HeartbeatErrors`, {
    description: `Heartbeats of ${source} cannot be put: the freshness of idle shards becomes unknown.`,
    metric: heartbeats.metricErrors({ period: Duration.minutes(scheduleMinutes) }),
    above: 0,
    ...(scheduleMinutes === 1 ? { periods: 3, datapoints: 2 } : {}),
  });
  return [throttled, failing];
}

/**
 * An alarm on a stream without heartbeats whose records no one folds, as where its mapping is disabled: by what Kinesis and
 * Lambda count. With filters there is none, since all that is put may be left out.
 */
export function unreadAlarms(
  scope: Construct,
  aggregator: Aggregator,
  stream: EventStream,
): readonly Alarm[] {
  const mapping = aggregator.eventSource.node.defaultChild as CfnEventSourceMapping;
  if (mapping.filterCriteria !== undefined) return [];
  const { source } = aggregator;
  return [
    createAlarm(scope, `${source} NotRead`, {
      description: `Records are put to the stream of ${source}, and its aggregator is not invoked: after the stream's retention they are lost.`,
      metric: new MathExpression({
        expression: "IF(FILL(put, 0) > 0 AND FILL(invocations, 0) == 0, 1, 0)",
        usingMetrics: {
          put: stream.metricRecords({ period: FIVE_MINUTES }),
          invocations: aggregator.function.metricInvocations({ period: FIVE_MINUTES }),
        },
        label: "records that no one folds",
        period: FIVE_MINUTES,
      }),
      above: 0,
      periods: 3,
    }),
  ];
}

/** Alarms on a source's history. */
export function historyAlarms(scope: Construct, history: EventHistory): readonly Alarm[] {
  return [
    createAlarm(scope, `${history.source} HistoryBehind`, {
      description: `The history of ${history.source} is half an hour behind.`,
      metric: history.metricDataFreshness(),
      above: HISTORY_BEHIND_SECONDS,
      periods: 2,
    }),
    createAlarm(scope, `${history.source} HistoryErrors`, {
      description: `The transform of ${history.source}'s history fails: Firehose keeps the records below history-errors/.`,
      metric: history.transform.metricErrors({ period: FIVE_MINUTES }),
      above: 0,
    }),
  ];
}

/** Alarms on batches that Lambda gave up. */
export function lossAlarms(scope: Construct, losses: LossMarker): readonly Alarm[] {
  return [
    ...losses.sources.map((source) =>
      createAlarm(scope, `${source} LostBatches`, {
        description: `Lambda gave a batch of ${source} up: its shard's freshness is unknown until its entities are rebuilt.`,
        metric: losses.metricOfSource("LostBatches", source),
        above: 0,
      }),
    ),
    createAlarm(scope, "LossErrors", {
      description:
        "A batch that Lambda gave up could not be marked: answers may be called fresh that are not.",
      metric: losses.metricErrors(),
      above: 0,
    }),
  ];
}

/** Alarms on the API, beside its own three. */
export function apiAlarms(scope: Construct, api: InferenceApi): readonly Alarm[] {
  return [
    createAlarm(scope, "Api Throttles", {
      description: "Lambda refuses the API concurrency.",
      metric: api.metricThrottles(),
      above: 0,
      periods: 3,
    }),
  ];
}
