import type { Stack } from "aws-cdk-lib";
import { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, it } from "vitest";
import { FeaturePipeline } from "../../lib/constructs/index.ts";
import { ORDERS, resourcesOf, statementsOf, synthesise } from "./fixtures/synthesise.ts";

const HERE = "eu-west-1:123456789012";
const STREAM = `arn:aws:kinesis:${HERE}:stream/theirs`;
const keyArn = (name: string) => `arn:aws:kms:${HERE}:key/${name}`;

/** A pipeline over existing resources, each encrypted by another key if told to. */
function pipeline({ keys }: { readonly keys: boolean }) {
  const build = (stack: Stack) => {
    const encryption = (name: string) =>
      keys ? { encryptionKey: Key.fromKeyArn(stack, `Key-${name}`, keyArn(name)) } : {};
    return new FeaturePipeline(stack, "Pipeline", {
      definitions: ORDERS,
      streams: {
        orders: {
          stream: Stream.fromStreamAttributes(stack, "Stream", {
            streamArn: STREAM,
            ...encryption("stream"),
          }),
          heartbeats: true,
        },
      },
      table: TableV2.fromTableAttributes(stack, "Table", { tableName: "features", ...encryption("table") }),
      bucket: Bucket.fromBucketAttributes(stack, "Bucket", { bucketName: "data", ...encryption("bucket") }),
    });
  };
  return synthesise(build, { env: { region: "eu-west-1", account: "123456789012" } }).template;
}

/** A resource in short: pseudo parameters by what they are, logical ids without hashes. */
function text(value: unknown): string {
  if (typeof value === "string") return value;
  const node = value as Readonly<Record<string, unknown>>;
  if (node.Ref !== undefined) return node.Ref === "AWS::Partition" ? "aws" : `<${short(String(node.Ref))}>`;
  const join = node["Fn::Join"] as readonly [string, readonly unknown[]] | undefined;
  if (join !== undefined) return join[1].map(text).join(join[0]);
  const [id, attribute] = node["Fn::GetAtt"] as readonly [string, string];
  return `<${short(id)}.${attribute}>`;
}
const short = (id: string) => id.replace(/^PipelineSourceorders|^Pipeline/, "").replace(/[0-9A-F]{8}$/, "");

/** A role's statements: actions, and on what. */
function rights(template: ReturnType<typeof pipeline>, role: string) {
  return statementsOf(template, `Pipeline${role}`).map(({ Action, Resource, Effect, Condition }) => {
    expect(Effect).toBe("Allow");
    expect(Condition).toBeUndefined();
    return [[Action].flat().join(" "), ...[Resource].flat().map(text)];
  });
}

const LOGS = "logs:CreateLogStream logs:PutLogEvents";
const READ_STREAM =
  "kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards";
const FOLD = "dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem";
const TABLE = `arn:aws:dynamodb:${HERE}:table/features`;
const DATABASE = "test_pipeline_sourceorders_history_table_06b00209";

/** Every right of every role: actions, then resources. */
const RIGHTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  SourceordersAggregatorFunctionRole: [
    [LOGS, "<AggregatorFunctionLogs.Arn>"],
    [READ_STREAM, STREAM],
    [FOLD, TABLE],
    [
      "s3:PutObject",
      "arn:aws:s3:::data/late/*",
      "arn:aws:s3:::data/quarantine/*",
      "arn:aws:s3:::data/aws/lambda/*",
    ],
    ["s3:ListBucket", "arn:aws:s3:::data"],
  ],
  SourceordersEventsHeartbeatsFunctionRole: [
    [LOGS, "<EventsHeartbeatsFunctionLogs.Arn>"],
    ["kinesis:DescribeStreamSummary kinesis:ListShards kinesis:PutRecords", STREAM],
  ],
  SourceordersEventsHeartbeatsScheduleRole: [["lambda:InvokeFunction", "<EventsHeartbeatsFunction.Arn>"]],
  SourceordersHistoryRole: [
    [READ_STREAM, STREAM],
    ["s3:GetBucketLocation s3:ListBucket s3:ListBucketMultipartUploads", "arn:aws:s3:::data"],
    [
      "s3:AbortMultipartUpload s3:GetObject s3:PutObject",
      "arn:aws:s3:::data/history/orders/*",
      "arn:aws:s3:::data/history-errors/orders/*",
    ],
    [
      "lambda:GetFunctionConfiguration lambda:InvokeFunction",
      "<HistoryTransform.Arn>",
      "<HistoryTransform.Arn>:$LATEST",
    ],
    [
      "glue:GetTable glue:GetTableVersion glue:GetTableVersions",
      `arn:aws:glue:${HERE}:catalog`,
      `arn:aws:glue:${HERE}:database/${DATABASE}`,
      `arn:aws:glue:${HERE}:table/${DATABASE}/orders`,
    ],
    [LOGS, "<HistoryLogs.Arn>"],
  ],
  SourceordersHistoryTransformRole: [[LOGS, "<HistoryTransformLogs.Arn>"]],
  LossesFunctionRole: [
    [LOGS, "<LossesFunctionLogs.Arn>"],
    ["kinesis:DescribeStreamSummary kinesis:ListShards", STREAM],
    [FOLD, TABLE],
    ["s3:GetObject", "arn:aws:s3:::data/aws/lambda/*"],
  ],
  ApiFunctionRole: [
    [LOGS, "<ApiFunctionLogs.Arn>"],
    ["dynamodb:BatchGetItem dynamodb:GetItem", TABLE],
  ],
};

/** What a role has besides, where the resources are encrypted by keys of their owner's. */
const KEY_RIGHTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  SourceordersAggregatorFunctionRole: [
    ["kms:Decrypt", keyArn("stream")],
    ["kms:Decrypt kms:GenerateDataKey", keyArn("table")],
    ["kms:Decrypt kms:GenerateDataKey", keyArn("bucket")],
  ],
  SourceordersEventsHeartbeatsFunctionRole: [["kms:GenerateDataKey", keyArn("stream")]],
  SourceordersHistoryRole: [
    ["kms:Decrypt", keyArn("stream")],
    ["kms:Decrypt kms:GenerateDataKey", keyArn("bucket")],
  ],
  LossesFunctionRole: [
    ["kms:Decrypt kms:GenerateDataKey", keyArn("table")],
    ["kms:Decrypt kms:GenerateDataKey", keyArn("bucket")],
  ],
  ApiFunctionRole: [["kms:Decrypt kms:GenerateDataKey", keyArn("table")]],
};

describe("the rights of a pipeline's roles", () => {
  const plain = pipeline({ keys: false });
  const keyed = pipeline({ keys: true });

  it.each(Object.entries(RIGHTS))("%s", (role, expected) => {
    expect(rights(plain, role).sort()).toEqual([...expected].sort());
    expect(rights(keyed, role).sort()).toEqual([...expected, ...(KEY_RIGHTS[role] ?? [])].sort());
  });

  it("are all there are, but for CodeDeploy's, which AWS wrote", () => {
    const roles = Object.keys(resourcesOf(plain, "AWS::IAM::Role")).map(short).sort();
    expect(roles).toEqual(
      [...Object.keys(RIGHTS).map((role) => short(`Pipeline${role}`)), "ApiCanaryServiceRole"].sort(),
    );
  });

  // A reference to a role does not wait for its policy, without which what reads a stream cannot be made.
  it.each([
    ["AWS::Lambda::EventSourceMapping", ["AggregatorFunctionRole", "AggregatorFunctionRoleDefaultPolicy"]],
    [
      "AWS::KinesisFirehose::DeliveryStream",
      ["HistoryRoleDefaultPolicy", "HistoryTable", "HistoryTableDatabase"],
    ],
    ["AWS::Scheduler::Schedule", ["EventsHeartbeatsScheduleRoleDefaultPolicy"]],
  ])("stand before what uses them: %s", (type, expected) => {
    const [made] = Object.values(resourcesOf(plain, type));
    expect((made!.DependsOn as string[]).map(short).sort()).toEqual(expected);
  });
});
