import { Stack } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { Bucket, type CfnBucket, EventType, type IBucket } from "aws-cdk-lib/aws-s3";
import { SqsDestination } from "aws-cdk-lib/aws-s3-notifications";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { describe, expect, it } from "vitest";
import { FeaturePipeline, LossMarker } from "../../lib/constructs/index.ts";
import { ORDERS, statementsOf, synthesise } from "./fixtures/synthesise.ts";

const ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/theirs";

describe("LossMarker", () => {
  const { template } = synthesise((stack) => new FeaturePipeline(stack, "Pipeline", { definitions: ORDERS }));

  it("is told of every batch that Lambda writes to the aggregators' bucket", () => {
    template.hasResourceProperties("AWS::Events::Rule", {
      EventPattern: {
        source: ["aws.s3"],
        "detail-type": ["Object Created"],
        detail: {
          bucket: { name: [{ Ref: Match.stringLikeRegexp("^PipelineData") }] },
          object: { key: [{ prefix: "aws/lambda/" }] },
        },
      },
      Targets: [{ Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^PipelineLossesFunction"), "Arn"] } }],
    });
    template.hasResourceProperties("AWS::S3::Bucket", {
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
  });

  it("may read those batches, describe streams, and write the table, and nothing else", () => {
    expect(statementsOf(template, "PipelineLossesFunctionRole").map(({ Action }) => Action)).toEqual([
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      ["kinesis:DescribeStreamSummary", "kinesis:ListShards"],
      ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem"],
      "s3:GetObject",
    ]);
  });

  it("refuses a stream of a source that there is not", () => {
    expect(() =>
      synthesise((stack) => {
        new LossMarker(stack, "Losses", {
          definitions: ORDERS,
          streams: { ordres: Stream.fromStreamArn(stack, "Stream", ARN) },
          table: TableV2.fromTableName(stack, "Table", "features"),
          bucket: new Bucket(stack, "Bucket"),
        });
      }),
    ).toThrow(/^LossMarker .*Losses: there is no source "ordres" in .*; it has orders\.$/);
  });

  describe("of an existing bucket", () => {
    const onBucket = (bucketOf: (stack: Stack) => IBucket, after: (bucket: IBucket) => void = () => {}) =>
      synthesise((stack) => {
        const bucket = bucketOf(stack);
        new LossMarker(stack, "Losses", {
          definitions: ORDERS,
          streams: { orders: Stream.fromStreamArn(stack, "Stream", ARN) },
          table: TableV2.fromTableName(stack, "Table", "features"),
          bucket,
        });
        after(bucket);
      });
    const owned = (stack: Stack) => new Bucket(stack, "Owned") as IBucket;
    const notify = (bucket: IBucket) =>
      bucket.addEventNotification(
        EventType.OBJECT_REMOVED,
        new SqsDestination(new Queue(Stack.of(bucket), "Queue")),
      );
    const warningsOf = (stack: Stack) =>
      stack.node
        .findAll()
        .flatMap(({ node }) => node.metadata)
        .filter(
          ({ type, data }) => type === "aws:cdk:warning" && String(data).includes("freshet:bucket-events"),
        )
        .map(({ data }) => String(data));

    it("turns its events on, without a function of the CDK's", () => {
      const { template: of, stack } = onBucket(owned);
      of.hasResourceProperties("AWS::S3::Bucket", {
        NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      });
      of.resourceCountIs("Custom::S3BucketNotifications", 0);
      expect(warningsOf(stack)).toEqual([]);
    });

    it("turns them on where it has other notifications", () => {
      const { template: of } = onBucket((stack) => {
        const bucket = owned(stack);
        notify(bucket);
        return bucket;
      });
      of.hasResourceProperties("Custom::S3BucketNotifications", {
        NotificationConfiguration: { EventBridgeConfiguration: {} },
      });
    });

    it("refuses what turns them off later", () => {
      const OFF = /Test\/Owned does not send its events to EventBridge, .* never be marked/;
      expect(() => onBucket(owned, notify)).toThrow(OFF);
      expect(() =>
        onBucket(owned, (bucket) =>
          (bucket.node.defaultChild as CfnBucket).addPropertyDeletionOverride("NotificationConfiguration"),
        ),
      ).toThrow(OFF);
      onBucket(owned, (bucket) => {
        notify(bucket);
        bucket.enableEventBridgeNotification();
      });
    });

    it("warns once of an imported one, which its owner turns on", () => {
      const { stack } = onBucket((of) => Bucket.fromBucketName(of, "Theirs", "data"));
      expect(warningsOf(stack)).toHaveLength(1);
      expect(warningsOf(stack)[0]).toMatch(/^Test\/Theirs is imported: it must send its events/);
      const { stack: told } = onBucket((of) => {
        const bucket = Bucket.fromBucketName(of, "Theirs", "data");
        bucket.enableEventBridgeNotification();
        return bucket;
      });
      expect(warningsOf(told)).toEqual([]);
    });
  });
});
