import type { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IAlarmAction } from "aws-cdk-lib/aws-cloudwatch";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { FunctionUrlAuthType, FunctionUrlCorsOptions } from "aws-cdk-lib/aws-lambda";
import type { IBucket } from "aws-cdk-lib/aws-s3";

/** What the functions of the kit share. */
export interface FunctionOptions {
  /** Runs the functions in a VPC, which needs routes or endpoints to DynamoDB, Kinesis and S3. @default none */
  readonly vpc?: IVpc;
  /** @default the VPC's private subnets */
  readonly vpcSubnets?: SubnetSelection;
  /** @default one that is made */
  readonly securityGroups?: readonly ISecurityGroup[];
  /**
   * Encrypts environment, logs, and what else the construct makes that can be. The policy of an imported key must let
   * `logs.REGION.amazonaws.com` encrypt log groups, and cannot be changed from here.
   * @default keys of AWS's own
   */
  readonly encryptionKey?: IKey;
}

/** A DynamoDB table, `Table` or `TableV2`: under `exactOptionalPropertyTypes` the latter is no `ITable`. */
export type AnyTable = Omit<ITable, "tableStreamArn">;

/** An S3 bucket: under `exactOptionalPropertyTypes`, `Bucket` is no `IBucket`. */
export type AnyBucket = Omit<IBucket, "isWebsite">;

/** What becomes of what holds data when it leaves the stack. */
export interface RetentionOptions {
  /** `DESTROY` deletes a bucket only if it is empty; the stack's deletion fails otherwise. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** An existing stream, and whether heartbeats are sent to it. */
export interface ExistingStream {
  readonly stream: IStream;
  /** Without heartbeats the freshness of a shard that has no traffic is unknown. @default false */
  readonly heartbeats?: boolean;
}

/** How streams are made. */
export interface StreamOptions {
  /** Shards of a provisioned stream, or a stream that scales by itself. @default "on-demand" */
  readonly shards?: number | "on-demand";
}

/** How records are folded. */
export interface AggregatorOptions {
  /** MB; a core comes with 1,769. @default 1024 */
  readonly memorySize?: number;
  /** @default 1 minute */
  readonly timeout?: Duration;
  /** The most records of a batch, 1 to 10,000. @default 1000 */
  readonly batchSize?: number;
  /** How long a batch may wait to fill, at most 5 minutes: larger batches write less. @default 1 second */
  readonly batchingWindow?: Duration;
  /**
   * Lambda's filter patterns, such as `{ data: { amount: [1] } }` or `FilterCriteria.filter` of it: of the records, only
   * those that match one are delivered, beside heartbeats. What they leave out is counted nowhere; a view's `where` is the alternative that counts. At most four: a fifth is the
   * heartbeats', and Lambda takes five.
   * @default all are delivered
   */
  readonly filters?: readonly Readonly<Record<string, unknown>>[];
}

/** How events are kept in S3. */
export interface EventHistoryOptions {
  /** `parquet`, by a Glue table that is made from the source's schema, or gzipped JSON lines. @default "parquet" */
  readonly format?: "parquet" | "json";
  /** How long Firehose gathers before it writes an object, up to 15 minutes. @default 5 minutes */
  readonly bufferingInterval?: Duration;
}

/** How predictions are served. */
export interface InferenceApiOptions {
  /** MB; a core comes with 1,769. @default 1769 */
  readonly memorySize?: number;
  /** @default 30 seconds */
  readonly timeout?: Duration;
  /** Who may call the function's URL. @default FunctionUrlAuthType.AWS_IAM */
  readonly authType?: FunctionUrlAuthType;
  /** @default no other origin */
  readonly cors?: FunctionUrlCorsOptions;
  /** Environments kept warm. @default none */
  readonly provisionedConcurrency?: number;
  /** How a new version takes over: a tenth of the requests for five minutes first, or all at once. @default "canary" */
  readonly deployment?: "canary" | "all-at-once";
  /** Above it the alarm rings, and a canary is rolled back. @default 1 second */
  readonly latencyLimit?: Duration;
}

/** What is watched, and who is told. */
export interface FeatureMonitoringOptions {
  /** What an alarm does, and its end. @default nothing: alarms are seen in CloudWatch */
  readonly alarmActions?: readonly IAlarmAction[];
  /** Late events above this part of all ring, 0 to 1. @default 0.01 */
  readonly lateRatio?: number;
  /** Duplicates above this part of all ring, 0 to 1. @default 0.1 */
  readonly duplicateRatio?: number;
}
