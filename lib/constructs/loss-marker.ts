import { Duration, Stack } from "aws-cdk-lib";
import type { Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as FunctionTarget } from "aws-cdk-lib/aws-events-targets";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { OptionNames } from "../define/check-options.ts";
import { grantObjects } from "./access/bucket-access.ts";
import { grantStreamDescribe } from "./access/stream-access.ts";
import { grantTableFold } from "./access/table-access.ts";
import { checkProps, OPTION_NAMES } from "./check-props.ts";
import { checkBucket, checkStreams, checkTable } from "./check-resources.ts";
import { BUCKET_PREFIXES } from "./data-bucket.ts";
import { type DefinitionsProps, loadDefinitions, loadSource } from "./definitions.ts";
import { createKitFunction } from "./functions/kit-function.ts";
import { DEFAULT_NAMESPACE, type LossMetricName, ownMetric } from "./metrics.ts";
import type { AnyBucket, AnyTable, FunctionOptions } from "./options.ts";
import { refuseSharedStream } from "./refuse-shared-stream.ts";
import { sendBucketEvents } from "./send-bucket-events.ts";

/** What a {@link LossMarker} takes. */
export interface LossMarkerProps extends DefinitionsProps, FunctionOptions {
  /** By source: those whose aggregators' lost batches go to the bucket. */
  readonly streams: Readonly<Record<string, IStream>>;
  /** The aggregators' table. */
  readonly table: AnyTable;
  /** The aggregators' bucket: it is made to send its events to EventBridge; of an imported one the owner turns that on. */
  readonly bucket: AnyBucket;
  /** CloudWatch namespace of the function's metrics; two pipelines of one account must not share one. @default "Freshet" */
  readonly metricsNamespace?: string;
}

const PROPS: OptionNames<LossMarkerProps> = {
  definitions: true,
  ...OPTION_NAMES.function,
  streams: true,
  table: true,
  bucket: true,
  metricsNamespace: true,
};

/**
 * Has a shard's freshness called unknown from the moment on that Lambda gives a batch of it up, which unlimited retries
 * leave to what nobody foresees: a function is told of every object below `aws/lambda/` of the bucket.
 *
 * @throws FreshetError `OPTION_INVALID` for a prop or a source that there is not, or one stream of two sources; what loading the definitions throws.
 * @example
 * ```ts
 * new LossMarker(this, "Losses", { definitions, streams: { transactions: stream }, table, bucket });
 * ```
 */
export class LossMarker extends Construct {
  /** What marks. */
  readonly function: LambdaFunction;
  /** What tells it of each batch that was given up. */
  readonly rule: Rule;
  /** The sources whose losses are marked. */
  readonly sources: readonly string[];
  private readonly namespace: string;

  constructor(scope: Construct, id: string, props: LossMarkerProps) {
    super(scope, id);
    checkProps(this, props, PROPS);
    const { streams, table, bucket, metricsNamespace = DEFAULT_NAMESPACE } = props;
    checkTable(this, table);
    checkBucket(this, bucket);
    checkStreams(this, streams);
    const { file } = loadDefinitions(this, props);
    for (const source of Object.keys(streams)) loadSource(this, { definitions: props.definitions, source });
    refuseSharedStream(this, Object.entries(streams));
    this.sources = Object.keys(streams);
    this.namespace = metricsNamespace;
    const arns = Object.entries(streams).map(([source, { streamArn }]) => [source, streamArn] as const);
    this.function = createKitFunction(this, "Function", {
      ...props,
      bundle: { name: "mark-losses", definitionsFile: file, modelFiles: [] },
      description: "Marks shards of which Lambda gave a batch up",
      memorySize: 512,
      timeout: Duration.minutes(1),
      environment: {
        FRESHET_TABLE: table.tableName,
        FRESHET_STREAMS: Stack.of(this).toJsonString(Object.fromEntries(arns)),
        FRESHET_BUCKET: bucket.bucketName,
        FRESHET_METRICS_NAMESPACE: metricsNamespace,
      },
    });
    const role = this.function.role!;
    for (const stream of Object.values(streams)) grantStreamDescribe(stream, role);
    grantTableFold(table, role);
    grantObjects(bucket, role, { actions: ["s3:GetObject"], prefixes: [BUCKET_PREFIXES.lostBatches] });
    sendBucketEvents(this, bucket);
    this.rule = new Rule(this, "Rule", {
      description: "Batches that Lambda gave up",
      eventPattern: {
        source: ["aws.s3"],
        detailType: ["Object Created"],
        detail: {
          bucket: { name: [bucket.bucketName] },
          object: { key: [{ prefix: BUCKET_PREFIXES.lostBatches }] },
        },
      },
      targets: [new FunctionTarget(this.function)],
    });
  }

  /** What was lost of a source. */
  metricOfSource(name: LossMetricName, source: string, options?: MetricOptions): Metric {
    const dimensions = { service: "mark-losses", source };
    return ownMetric({ namespace: this.namespace, name, dimensions, statistic: "Sum" }, options);
  }

  /** Invocations that failed: a loss is not marked yet. */
  metricErrors(options?: MetricOptions): Metric {
    return this.function.metricErrors({ period: Duration.minutes(1), ...options });
  }
}
