import type { Alarm, Dashboard } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { OptionNames } from "../define/check-options.ts";
import { Aggregator } from "./aggregator.ts";
import { checkPart, checkParts } from "./check-parts.ts";
import { checkProps, OPTION_NAMES } from "./check-props.ts";
import { checkNumber } from "./check-values.ts";
import { EventHistory } from "./event-history.ts";
import { EventStream } from "./event-stream.ts";
import { FeatureTable } from "./feature-table.ts";
import { InferenceApi } from "./inference-api.ts";
import { LossMarker } from "./loss-marker.ts";
import {
  aggregatorAlarms,
  apiAlarms,
  historyAlarms,
  lossAlarms,
  streamAlarms,
  unreadAlarms,
  viewAlarms,
} from "./monitoring/alarms.ts";
import { createDashboard } from "./monitoring/dashboard.ts";
import type { FeatureMonitoringOptions } from "./options.ts";
import { refuseProp } from "./refuse-prop.ts";
import { tellGiven } from "./tell-given.ts";

/** What a {@link FeatureMonitoring} takes: the parts to be watched. */
export interface FeatureMonitoringProps extends FeatureMonitoringOptions {
  /** Watched for lag, errors, throttles, and what is set aside. Empty where they are another stack's. */
  readonly aggregators: readonly Aggregator[];
  /** Watched for refused puts and heartbeats; a source whose stream is not here may stand still without an alarm. @default none */
  readonly streams?: readonly EventStream[];
  /** @default none */
  readonly histories?: readonly EventHistory[];
  /** @default none */
  readonly losses?: LossMarker;
  /** @default none */
  readonly table?: FeatureTable;
  /** @default none */
  readonly api?: InferenceApi;
}

const PROPS: OptionNames<FeatureMonitoringProps> = {
  ...OPTION_NAMES.monitoring,
  aggregators: true,
  streams: true,
  histories: true,
  losses: true,
  table: true,
  api: true,
};

const RATIO = { least: 0, most: 1, isWhole: false };

/**
 * A dashboard, and alarms: on each view's freshness, quarantine, late and repeated events; on each source's iterator age,
 * unfinished batches, errors and throttles; on the history; on the API's errors, throttles and latency.
 *
 * @throws FreshetError `OPTION_INVALID` for a prop that there is not, a ratio that is none, what is no part of the kit's, or
 *   nothing to be watched.
 * @example
 * ```ts
 * new FeatureMonitoring(this, "Monitoring", {
 *   aggregators: [aggregator],
 *   api,
 *   alarmActions: [new SnsAction(topic)],
 * });
 * ```
 */
export class FeatureMonitoring extends Construct {
  /** A row for each source, one for the API, one for the table and the history. */
  readonly dashboard: Dashboard;
  /** All of them, those that roll the API back included. */
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: FeatureMonitoringProps) {
    super(scope, id);
    checkProps(this, props, PROPS);
    checkNumber(this, "lateRatio", props.lateRatio, RATIO);
    checkNumber(this, "duplicateRatio", props.duplicateRatio, RATIO);
    checkAlarmActions(this, props.alarmActions);
    checkWatched(this, props);
    const { aggregators, streams = [], histories = [], losses, table, api, alarmActions = [] } = props;
    const { lateRatio = 0.01, duplicateRatio = 0.1 } = props;
    const streamOf = new Map(streams.map((stream) => [stream.source, stream]));
    this.alarms = [
      ...aggregators.flatMap((aggregator) => {
        const stream = streamOf.get(aggregator.source);
        const heartbeats = stream?.heartbeats?.plan;
        return [
          ...aggregator.views.flatMap((view) =>
            viewAlarms(this, aggregator, { view, heartbeats, lateRatio, duplicateRatio }),
          ),
          ...aggregatorAlarms(this, aggregator),
          ...(stream === undefined || heartbeats !== undefined ? [] : unreadAlarms(this, aggregator, stream)),
        ];
      }),
      ...streams.flatMap((stream) => streamAlarms(this, stream)),
      ...histories.flatMap((history) => historyAlarms(this, history)),
      ...(losses === undefined ? [] : lossAlarms(this, losses)),
      ...(api === undefined
        ? []
        : [api.errorAlarm, api.serverErrorAlarm, api.latencyAlarm, ...apiAlarms(this, api)]),
    ];
    for (const alarm of this.alarms) {
      alarm.addAlarmAction(...alarmActions);
      alarm.addOkAction(...alarmActions);
    }
    this.dashboard = createDashboard(this, "Dashboard", { aggregators, histories, table, api });
  }
}

/** @throws FreshetError `OPTION_INVALID` */
function checkAlarmActions(monitoring: FeatureMonitoring, actions: unknown = []): void {
  if (!Array.isArray(actions)) {
    refuseProp(
      monitoring,
      `alarmActions is ${tellGiven(actions)}; it is a list of alarm actions, such as [new SnsAction(topic)].`,
    );
  }
  for (const [index, action] of actions.entries()) {
    // By what it has, so that an app may have another copy of the CDK than the kit.
    if (typeof action?.bind === "function") continue;
    refuseProp(
      monitoring,
      `alarmActions[${index}] is ${tellGiven(action)}; it is an alarm action, such as new SnsAction(topic).`,
    );
  }
}

/** @throws FreshetError `OPTION_INVALID` */
function checkWatched(monitoring: FeatureMonitoring, props: FeatureMonitoringProps): void {
  const { aggregators, streams = [], histories = [], losses, table, api } = props;
  checkParts(monitoring, "aggregators", aggregators, Aggregator);
  checkParts(monitoring, "streams", streams, EventStream);
  checkParts(monitoring, "histories", histories, EventHistory);
  if (losses !== undefined) checkPart(monitoring, "losses", losses, LossMarker);
  if (table !== undefined) checkPart(monitoring, "table", table, FeatureTable);
  if (api !== undefined) checkPart(monitoring, "api", api, InferenceApi);
  const parts = [...aggregators, ...streams, ...histories, losses, table, api];
  if (parts.some((part) => part !== undefined)) return;
  refuseProp(
    monitoring,
    "nothing is given to be watched: aggregators, streams, histories, losses, table and api are empty or left out.",
  );
}
