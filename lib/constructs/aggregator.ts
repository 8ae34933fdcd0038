import { Duration, Stack } from "aws-cdk-lib";
import type { Metric, MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import {
  type CfnEventSourceMapping,
  EventSourceMapping,
  type Function as LambdaFunction,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { ViewToDeploy } from "../bundle/deployment-description.ts";
import type { OptionNames } from "../define/check-options.ts";
import { formatDuration } from "../define/duration.ts";
import { FreshetError } from "../define/error.ts";
import { grantObjects } from "./access/bucket-access.ts";
import { grantStreamRead } from "./access/stream-access.ts";
import { grantTableFold } from "./access/table-access.ts";
import { checkProps, OPTION_NAMES } from "./check-props.ts";
import { checkBucket, checkStream, checkTable } from "./check-resources.ts";
import { checkDuration, checkNumber, LAMBDA_MEMORY, LAMBDA_TIMEOUT } from "./check-values.ts";
import { BUCKET_PREFIXES } from "./data-bucket.ts";
import { findView, loadSource, SOURCE_PROPS, type SourceProps } from "./definitions.ts";
import { filterPatterns } from "./filter-patterns.ts";
import { createKitFunction } from "./functions/kit-function.ts";
import { DEFAULT_NAMESPACE, ownMetric, type SourceMetricName, type ViewMetricName } from "./metrics.ts";
import type { AggregatorOptions, AnyBucket, AnyTable, FunctionOptions } from "./options.ts";
import { refuseSharedItems } from "./refuse-shared-state.ts";
import { refuseShortRetention } from "./refuse-short-retention.ts";
import { refuseSplitTraffic } from "./refuse-split-traffic.ts";
import { refuseUnsoundMapping } from "./refuse-unsound-mapping.ts";

/** What Lambda takes of a stream's mapping. */
const BATCHING_WINDOW = { least: Duration.seconds(0), most: Duration.minutes(5) };

/** What an {@link Aggregator} takes. */
export interface AggregatorProps extends SourceProps, AggregatorOptions, FunctionOptions {
  /** The source's stream. */
  readonly stream: IStream;
  /** Where the features are kept. */
  readonly table: AnyTable;
  /** Where late and quarantined records go, and batches that Lambda gave up. */
  readonly bucket: AnyBucket;
  /** CloudWatch namespace of the function's metrics; two pipelines of one account must not share one. @default "Freshet" */
  readonly metricsNamespace?: string;
}

const PROPS: OptionNames<AggregatorProps> = {
  ...SOURCE_PROPS,
  ...OPTION_NAMES.aggregator,
  ...OPTION_NAMES.function,
  stream: true,
  table: true,
  bucket: true,
  metricsNamespace: true,
};

/**
 * Folds one source's stream into the table: a function, and an event source mapping whose failures neither skip nor block
 * (R2): partial batch responses, bisected batches, unlimited retries and record age, whole lost batches in the bucket, one
 * batch of a shard at a time.
 *
 * It has no alias, and one that splits traffic is refused at synthesis: old and new code on one shard would leave gaps. So
 * is another aggregator of the app that would write the same items, and a stream of the app that keeps records for less
 * than the source declares.
 *
 * @throws FreshetError `OPTION_INVALID` for a source or a prop that there is not, a number that cannot be, more than four
 *   filters, or one that is over no field of a Kinesis record; what loading the definitions throws.
 * @example
 * ```ts
 * const aggregator = new Aggregator(this, "Aggregator", {
 *   definitions: new URL("./fraud.ts", import.meta.url),
 *   source: "transactions",
 *   stream,
 *   table,
 *   bucket,
 * });
 * aggregator.metricLag("card").createAlarm(this, "Stale", { threshold: 120, evaluationPeriods: 2 });
 * ```
 */
export class Aggregator extends Construct {
  /** The source's name. */
  readonly source: string;
  /** What folds: it has no alias. */
  readonly function: LambdaFunction;
  /** What hands batches to it. */
  readonly eventSource: EventSourceMapping;
  /** The source's stream. */
  readonly stream: IStream;
  /** Where the features are kept. */
  readonly table: AnyTable;
  /** The views over the source. */
  readonly views: readonly ViewToDeploy[];
  /** How long the stream keeps a record, as the source declares. */
  readonly retention: Duration;
  private readonly namespace: string;

  constructor(scope: Construct, id: string, props: AggregatorProps) {
    super(scope, id);
    checkProps(this, props, PROPS);
    checkNumber(this, "batchSize", props.batchSize, { least: 1, most: 10_000 });
    checkNumber(this, "memorySize", props.memorySize, LAMBDA_MEMORY);
    checkDuration(this, "timeout", props.timeout, LAMBDA_TIMEOUT);
    checkDuration(this, "batchingWindow", props.batchingWindow, BATCHING_WINDOW);
    checkStream(this, "stream", props.stream);
    checkTable(this, props.table);
    checkBucket(this, props.bucket);
    const source = loadSource(this, props);
    const { stream, table, bucket, metricsNamespace = DEFAULT_NAMESPACE } = props;
    this.source = source.name;
    this.stream = stream;
    this.table = table;
    this.views = source.views;
    this.retention = Duration.millis(source.retentionMs);
    this.namespace = metricsNamespace;
    this.function = createKitFunction(this, "Function", {
      ...props,
      bundle: { name: "aggregate", definitionsFile: source.file, modelFiles: [] },
      description: `Folds ${source.name} into features`,
      memorySize: props.memorySize ?? 1024,
      timeout: props.timeout ?? Duration.minutes(1),
      environment: {
        FRESHET_TABLE: table.tableName,
        FRESHET_STREAMS: Stack.of(this).toJsonString({ [source.name]: stream.streamArn }),
        FRESHET_BUCKET: bucket.bucketName,
        FRESHET_METRICS_NAMESPACE: metricsNamespace,
        // As stable as the mapping, which keeps its position for as long as its path stands.
        FRESHET_AGGREGATOR: this.node.path,
      },
    });
    const role = this.function.role!;
    grantStreamRead(stream, role);
    grantTableFold(table, role);
    const { late, quarantine, lostBatches } = BUCKET_PREFIXES;
    grantObjects(bucket, role, { actions: ["s3:PutObject"], prefixes: [late, quarantine, lostBatches] });
    // Lambda asks for it where an S3 bucket is the on-failure destination.
    this.function.addToRolePolicy(
      new PolicyStatement({ actions: ["s3:ListBucket"], resources: [bucket.bucketArn] }),
    );
    this.eventSource = this.map(props);
    this.eventSource.node.addDependency(role);
    refuseSplitTraffic(this.function);
    refuseUnsoundMapping(this.eventSource);
    refuseShortRetention(this);
    refuseSharedItems(this, (each) => each instanceof Aggregator);
  }

  private map({ stream, bucket, ...options }: AggregatorProps): EventSourceMapping {
    const { batchSize = 1000, batchingWindow = Duration.seconds(1), filters } = options;
    const patterns = filterPatterns(this.node.path, filters);
    for (const { id, slaMs } of this.views) {
      if (batchingWindow.toMilliseconds() < slaMs) continue;
      throw new FreshetError(
        "OPTION_INVALID",
        `${this.node.path} has a batchingWindow of ${batchingWindow.toHumanString()}, and view ${id} an SLA of ${formatDuration(slaMs)}: its answers would be stale. Shorten the window, or lengthen the SLA.`,
      );
    }
    const mapping = new EventSourceMapping(this, "EventSource", {
      target: this.function,
      eventSourceArn: stream.streamArn,
      // A mapping made again delivers what it delivered before, which is dropped; any other start would leave a gap unseen.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize,
      maxBatchingWindow: batchingWindow,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      parallelizationFactor: 1,
      supportS3OnFailureDestination: true,
      onFailure: { bind: () => ({ destination: bucket.bucketArn }) },
      ...(patterns === undefined ? {} : { filters: [...patterns] }),
    });
    // Unlimited: the mapping's own defaults, set so that no other default can change them.
    const resource = mapping.node.defaultChild as CfnEventSourceMapping;
    resource.maximumRetryAttempts = -1;
    resource.maximumRecordAgeInSeconds = -1;
    return mapping;
  }

  /** Seconds by which a view's answers are behind: of its shards, the worst that reported. */
  metricLag(view: string, options?: MetricOptions): Metric {
    return this.metricOfView("Lag", view, { statistic: "Maximum", ...options });
  }

  /** A count of a view's events. */
  metricOfView(name: ViewMetricName, view: string, options?: MetricOptions): Metric {
    const dimensions = {
      service: "aggregate",
      source: this.source,
      view: findView(this, this.views, view).id,
    };
    return ownMetric({ namespace: this.namespace, name, dimensions, statistic: "Sum" }, options);
  }

  /** A count of the source's batches. */
  metricOfSource(name: SourceMetricName, options?: MetricOptions): Metric {
    const dimensions = { service: "aggregate", source: this.source };
    return ownMetric({ namespace: this.namespace, name, dimensions, statistic: "Sum" }, options);
  }

  /** Milliseconds since the oldest record of a batch arrived: what a shard that cannot be folded waits. */
  metricIteratorAge(options?: MetricOptions): Metric {
    return this.function.metric("IteratorAge", {
      statistic: "Maximum",
      period: Duration.minutes(1),
      ...options,
    });
  }

  /** Invocations that failed whole: batches that are not finished are told as `UnfinishedBatches` instead. */
  metricErrors(options?: MetricOptions): Metric {
    return this.function.metricErrors({ period: Duration.minutes(1), ...options });
  }

  /** Invocations that Lambda refused for want of concurrency. */
  metricThrottles(options?: MetricOptions): Metric {
    return this.function.metricThrottles({ period: Duration.minutes(1), ...options });
  }
}
