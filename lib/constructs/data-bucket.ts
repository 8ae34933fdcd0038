import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import type { RetentionOptions } from "./options.ts";

/** Where the pipeline's objects are in its bucket. */
export const BUCKET_PREFIXES = {
  late: "late/",
  quarantine: "quarantine/",
  /** Lambda's own name for what an event source mapping gave up. */
  lostBatches: "aws/lambda/",
  history: "history/",
  historyErrors: "history-errors/",
} as const;

/**
 * The bucket of a pipeline: private, encrypted, over TLS alone, its events sent to EventBridge; retained when it leaves the
 * stack. Nothing in it expires.
 */
export function createDataBucket(
  scope: Construct,
  id: string,
  {
    encryptionKey,
    removalPolicy = RemovalPolicy.RETAIN,
  }: RetentionOptions & { readonly encryptionKey?: IKey },
): Bucket {
  const bucket = new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    ...(encryptionKey === undefined
      ? { encryption: BucketEncryption.S3_MANAGED }
      : { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }),
    lifecycleRules: [{ id: "AbortUploads", abortIncompleteMultipartUploadAfter: Duration.days(7) }],
    removalPolicy,
  });
  // By the resource itself: the CDK's own option has a function of its do it, with a policy for all buckets.
  (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
    eventBridgeConfiguration: { eventBridgeEnabled: true },
  };
  acknowledge(
    bucket,
    "AwsSolutions-S1",
    "Access logs need a bucket of the account's own choice: give a bucket that has them, or CloudTrail's data events.",
  );
  return bucket;
}
