import { Duration } from "aws-cdk-lib";
import type { Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { policyOf } from "./access/policy-of.ts";
import { grantStreamBeat } from "./access/stream-access.ts";
import { createKitFunction } from "./functions/kit-function.ts";
import { type HeartbeatPlan, heartbeatPlan } from "./heartbeat-plan.ts";
import type { FunctionOptions } from "./options.ts";

/** Enough for Node and the client of Kinesis: the function waits more than it works. */
const MEMORY_MB = 192;

/** What starting, listing shards and putting may take beside the waiting. */
const WORK_SECONDS = 45;

export interface StreamHeartbeatsProps extends FunctionOptions {
  /** The stream whose every shard is sent to. */
  readonly stream: IStream;
  /** The tightest SLA of the views over the stream. */
  readonly slaMs: number;
}

/** A function waits between its beats, and works after the last. */
export function heartbeatTimeoutSeconds({ beats, periodMs }: HeartbeatPlan): number {
  return Math.ceil(((beats - 1) * periodMs) / 1000) + WORK_SECONDS;
}

/** A schedule and a function that put a heartbeat to every open shard of a stream, at most a third of the SLA apart. */
export class StreamHeartbeats extends Construct {
  readonly plan: HeartbeatPlan;
  readonly function: LambdaFunction;
  readonly schedule: CfnSchedule;

  constructor(scope: Construct, id: string, props: StreamHeartbeatsProps) {
    super(scope, id);
    const { stream, slaMs, ...options } = props;
    this.plan = heartbeatPlan(slaMs);
    const { periodMs, scheduleMinutes, coverMs } = this.plan;
    this.function = createKitFunction(this, "Function", {
      ...options,
      bundle: { name: "heartbeat", definitionsFile: null, modelFiles: [] },
      description: `Heartbeats every ${periodMs} ms to ${stream.node.path}`,
      memorySize: MEMORY_MB,
      timeout: Duration.seconds(heartbeatTimeoutSeconds(this.plan)),
      environment: {
        FRESHET_STREAM: stream.streamArn,
        FRESHET_PERIOD_MS: String(periodMs),
        FRESHET_COVER_MS: String(coverMs),
      },
    });
    // The next invocation comes anyway: one that failed is not repeated.
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    grantStreamBeat(stream, this.function);

    const role = new Role(this, "ScheduleRole", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com"),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        resources: [this.function.functionArn],
      }),
    );
    this.schedule = new CfnSchedule(this, "Schedule", {
      description: `Starts the heartbeats of ${stream.node.path}`.slice(0, 512),
      scheduleExpression: `rate(${scheduleMinutes} minute${scheduleMinutes === 1 ? "" : "s"})`,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: this.function.functionArn,
        roleArn: role.roleArn,
        retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: 60 },
      },
    });
    this.schedule.node.addDependency(policyOf(role));
  }

  /** Invocations that failed: a beat of them could not be put. */
  metricErrors(options?: MetricOptions): Metric {
    return this.function.metricErrors({ period: Duration.minutes(1), ...options });
  }
}
