import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import { Grant, type IGrantable, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import { CfnDeliveryStream } from "aws-cdk-lib/aws-kinesisfirehose";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { LogStream } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { OptionNames } from "../define/check-options.ts";
import { FreshetError } from "../define/error.ts";
import { grantObjects } from "./access/bucket-access.ts";
import { withKey } from "./access/key-access.ts";
import { policyOf } from "./access/policy-of.ts";
import { grantStreamRead } from "./access/stream-access.ts";
import { acknowledge } from "./acknowledge.ts";
import { checkProps, OPTION_NAMES } from "./check-props.ts";
import { checkBucket, checkStream } from "./check-resources.ts";
import { checkChoice, checkDuration } from "./check-values.ts";
import { BUCKET_PREFIXES } from "./data-bucket.ts";
import { type DescribedSource, loadSource, SOURCE_PROPS, type SourceProps } from "./definitions.ts";
import { createKitFunction } from "./functions/kit-function.ts";
import { createLogGroup } from "./functions/log-group.ts";
import { OBJECT_BUFFER, TRANSFORM_BUFFER } from "./history-buffers.ts";
import { HistoryTable } from "./history-table.ts";
import { DEFAULT_NAMESPACE, type HistoryMetricName, ownMetric } from "./metrics.ts";
import type { AnyBucket, EventHistoryOptions, FunctionOptions } from "./options.ts";
import { refuseSharedHistory } from "./refuse-shared-state.ts";

/** What Firehose takes. */
const BUFFERING_INTERVAL = { least: Duration.seconds(0), most: Duration.minutes(15) };

/** What an {@link EventHistory} takes. */
export interface EventHistoryProps extends SourceProps, EventHistoryOptions, FunctionOptions {
  /** The source's stream. */
  readonly stream: IStream;
  /** Where the events are kept, below `history/SOURCE/`. */
  readonly bucket: AnyBucket;
  /** CloudWatch namespace of the function's metrics; two pipelines of one account must not share one. @default "Freshet" */
  readonly metricsNamespace?: string;
}

const PROPS: OptionNames<EventHistoryProps> = {
  ...SOURCE_PROPS,
  ...OPTION_NAMES.history,
  ...OPTION_NAMES.function,
  stream: true,
  bucket: true,
  metricsNamespace: true,
};

/**
 * Keeps a source's events in S3, all that are put after Firehose has begun: it reads the stream, a function checks each
 * record as the aggregator does and attaches its shard, sequence number and arrival, and objects are written by date and
 * hour of arrival. What does not fit the source is kept, as it was put, below `history-errors/`.
 *
 * At least once: who reads it drops what has the same shard and sequence number.
 *
 * @throws FreshetError `OPTION_INVALID` for a source, a prop or a format that there is not; `DEFINITION_INVALID` for one whose fields Parquet's
 *   columns cannot tell apart; what loading the definitions throws.
 * @example
 * ```ts
 * new EventHistory(this, "History", {
 *   definitions: new URL("./fraud.ts", import.meta.url),
 *   source: "transactions",
 *   stream,
 *   bucket,
 *   format: "json",
 * });
 * ```
 */
export class EventHistory extends Construct {
  /** The source's name. */
  readonly source: string;
  /** Where the events are kept. */
  readonly bucket: AnyBucket;
  /** The prefix below which the events are, ending in a slash. */
  readonly prefix: string;
  /** The prefix below which what does not fit is, ending in a slash. */
  readonly errorPrefix: string;
  /** Checks each record, and attaches its place in the stream. */
  readonly transform: LambdaFunction;
  /** Firehose, from the stream to the bucket. */
  readonly deliveryStream: CfnDeliveryStream;
  /** Undefined for JSON. */
  readonly table: HistoryTable | undefined;
  private readonly namespace: string;

  constructor(scope: Construct, id: string, props: EventHistoryProps) {
    super(scope, id);
    checkProps(this, props, PROPS);
    checkDuration(this, "bufferingInterval", props.bufferingInterval, BUFFERING_INTERVAL);
    checkStream(this, "stream", props.stream);
    checkBucket(this, props.bucket);
    checkChoice(this, "format", props.format, ["parquet", "json"]);
    const source = loadSource(this, props);
    const { bucket, stream, format = "parquet", metricsNamespace = DEFAULT_NAMESPACE } = props;
    this.source = source.name;
    this.bucket = bucket;
    this.prefix = `${BUCKET_PREFIXES.history}${source.name}/`;
    this.errorPrefix = `${BUCKET_PREFIXES.historyErrors}${source.name}/`;
    this.namespace = metricsNamespace;
    this.table = format === "parquet" ? this.createTable(source) : undefined;
    this.transform = createKitFunction(this, "Transform", {
      ...props,
      bundle: { name: "history-transform", definitionsFile: source.file, modelFiles: [] },
      description: `Checks the events of ${source.name} for its history`,
      memorySize: 512,
      timeout: Duration.minutes(1),
      environment: {
        FRESHET_SOURCE: source.name,
        FRESHET_HISTORY_FORMAT: format,
        FRESHET_METRICS_NAMESPACE: metricsNamespace,
      },
    });
    const role = this.createRole(stream);
    this.deliveryStream = this.deliver(props, role);
    refuseSharedHistory(this, (each) => each instanceof EventHistory);
  }

  private createTable({ name, historyColumns: columns }: DescribedSource): HistoryTable {
    if (typeof columns === "string") throw new FreshetError("DEFINITION_INVALID", columns);
    const location = `s3://${this.bucket.bucketName}/${this.prefix}`;
    return new HistoryTable(this, "Table", { name, columns, location });
  }

  private createRole(stream: IStream): Role {
    const { bucket, transform } = this;
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("firehose.amazonaws.com") });
    grantStreamRead(stream, role);
    role.addToPolicy(
      new PolicyStatement({
        actions: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
        resources: [bucket.bucketArn],
      }),
    );
    grantObjects(bucket, role, {
      actions: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
      prefixes: [this.prefix, this.errorPrefix],
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
        resources: [transform.functionArn, `${transform.functionArn}:$LATEST`],
      }),
    );
    this.table?.grantReadSchema(role);
    return role;
  }

  private deliver(props: EventHistoryProps, role: Role): CfnDeliveryStream {
    const { stream, bufferingInterval, encryptionKey } = props;
    const { bucket, transform, prefix, errorPrefix, table } = this;
    const logGroup = createLogGroup(this, "Logs", encryptionKey === undefined ? {} : { encryptionKey });
    const logStream = new LogStream(this, "LogStream", { logGroup, removalPolicy: RemovalPolicy.DESTROY });
    logGroup.grantWrite(role);
    const kinesis = { kinesisStreamArn: stream.streamArn, roleArn: role.roleArn };
    const deliveryStream = new CfnDeliveryStream(this, "DeliveryStream", {
      deliveryStreamType: "KinesisStreamAsSource",
      kinesisStreamSourceConfiguration: kinesis,
      extendedS3DestinationConfiguration: {
        bucketArn: bucket.bucketArn,
        roleArn: role.roleArn,
        prefix: `${prefix}date=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/`,
        errorOutputPrefix: `${errorPrefix}!{firehose:error-output-type}/date=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/`,
        bufferingHints: {
          intervalInSeconds: bufferingInterval?.toSeconds() ?? OBJECT_BUFFER.seconds,
          sizeInMBs: OBJECT_BUFFER.mib,
        },
        // Parquet is compressed by its own writer.
        compressionFormat: table === undefined ? "GZIP" : "UNCOMPRESSED",
        cloudWatchLoggingOptions: {
          enabled: true,
          logGroupName: logGroup.logGroupName,
          logStreamName: logStream.logStreamName,
        },
        processingConfiguration: {
          enabled: true,
          processors: [
            {
              type: "Lambda",
              parameters: [
                { parameterName: "LambdaArn", parameterValue: transform.functionArn },
                { parameterName: "BufferSizeInMBs", parameterValue: String(TRANSFORM_BUFFER.mib) },
                {
                  parameterName: "BufferIntervalInSeconds",
                  parameterValue: String(TRANSFORM_BUFFER.seconds),
                },
                { parameterName: "NumberOfRetries", parameterValue: "3" },
                { parameterName: "RoleArn", parameterValue: role.roleArn },
              ],
            },
          ],
        },
        ...(table === undefined ? {} : { dataFormatConversionConfiguration: toParquet(table, role) }),
      },
    });
    // A stream cannot be read, nor a table, before the role may.
    deliveryStream.node.addDependency(policyOf(role));
    if (table !== undefined) deliveryStream.node.addDependency(table);
    acknowledge(
      deliveryStream,
      "AwsSolutions-KDF1",
      "It reads a Kinesis stream, whose own encryption holds; Firehose's is for what is put to it.",
    );
    return deliveryStream;
  }

  /** Lets the events be read, by whoever trains on them. */
  grantRead(grantee: IGrantable): Grant {
    const { bucket } = this;
    const listing = Grant.addToPrincipal({
      grantee,
      actions: ["s3:ListBucket"],
      resourceArns: [bucket.bucketArn],
      conditions: { StringLike: { "s3:prefix": `${this.prefix}*` } },
    });
    const reading = Grant.addToPrincipal({
      grantee,
      actions: ["s3:GetObject"],
      resourceArns: [bucket.arnForObjects(`${this.prefix}*`)],
    });
    return withKey(listing.combine(reading), bucket.encryptionKey, { grantee, use: "read" });
  }

  /** A count of the transform's records. */
  metricOfHistory(name: HistoryMetricName, options?: MetricOptions): Metric {
    const dimensions = { service: "history-transform", source: this.source };
    return ownMetric({ namespace: this.namespace, name, dimensions, statistic: "Sum" }, options);
  }

  /** Seconds since the oldest event arrived at Firehose that is not yet in S3. */
  metricDataFreshness(options?: MetricOptions): Metric {
    return new Metric({
      namespace: "AWS/Firehose",
      metricName: "DeliveryToS3.DataFreshness",
      dimensionsMap: { DeliveryStreamName: this.deliveryStream.ref },
      statistic: "Maximum",
      period: Duration.minutes(5),
      ...options,
    });
  }
}

function toParquet(
  table: HistoryTable,
  role: Role,
): CfnDeliveryStream.DataFormatConversionConfigurationProperty {
  return {
    enabled: true,
    inputFormatConfiguration: { deserializer: { openXJsonSerDe: {} } },
    outputFormatConfiguration: { serializer: { parquetSerDe: { compression: "SNAPPY" } } },
    schemaConfiguration: {
      catalogId: Stack.of(table).account,
      databaseName: table.databaseName,
      tableName: table.tableName,
      region: Stack.of(table).region,
      roleArn: role.roleArn,
      versionId: "LATEST",
    },
  };
}
