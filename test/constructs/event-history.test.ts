import type { Stack } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, it } from "vitest";
import { EventHistory, type EventHistoryOptions } from "../../lib/constructs/index.ts";
import { ORDERS, statementsOf, synthesise } from "./fixtures/synthesise.ts";

const ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/theirs";

const history = (stack: Stack, options: EventHistoryOptions = {}) =>
  new EventHistory(stack, "History", {
    definitions: ORDERS,
    source: "orders",
    stream: Stream.fromStreamArn(stack, "Stream", ARN),
    bucket: Bucket.fromBucketName(stack, "Bucket", "data"),
    ...options,
  });

const PREFIXES = {
  Prefix: "history/orders/date=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/",
  ErrorOutputPrefix:
    "history-errors/orders/!{firehose:error-output-type}/date=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/",
};

describe("EventHistory", () => {
  it("writes Parquet by the source's own columns, partitioned by date and hour of arrival", () => {
    const { template } = synthesise(history);
    template.hasResourceProperties("AWS::KinesisFirehose::DeliveryStream", {
      DeliveryStreamType: "KinesisStreamAsSource",
      KinesisStreamSourceConfiguration: { KinesisStreamARN: ARN },
      ExtendedS3DestinationConfiguration: {
        ...PREFIXES,
        CompressionFormat: "UNCOMPRESSED",
        BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 300 },
        DataFormatConversionConfiguration: {
          InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
          OutputFormatConfiguration: { Serializer: { ParquetSerDe: { Compression: "SNAPPY" } } },
          SchemaConfiguration: { TableName: "orders" },
        },
      },
    });
    template.hasResourceProperties("AWS::Glue::Table", {
      TableInput: {
        Name: "orders",
        PartitionKeys: [
          { Name: "date", Type: "string" },
          { Name: "hour", Type: "string" },
        ],
        Parameters: Match.objectLike({
          "projection.enabled": "true",
          // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena's own placeholders.
          "storage.location.template": "s3://data/history/orders/date=${date}/hour=${hour}/",
        }),
        StorageDescriptor: {
          Location: "s3://data/history/orders/",
          Columns: [
            { Name: "shard_id", Type: "string" },
            { Name: "sequence_number", Type: "string" },
            { Name: "subsequence_number", Type: "string" },
            { Name: "partition_key", Type: "string" },
            { Name: "arrival_ms", Type: "bigint" },
            { Name: "stamped_by", Type: "string" },
            { Name: "event", Type: "struct<id:string,card:string,amount:double,at:string>" },
            { Name: "payload", Type: "string" },
          ],
        },
      },
    });
  });

  it("writes gzipped JSON lines without a table when told to", () => {
    const { template } = synthesise((stack) => history(stack, { format: "json" }));
    template.resourceCountIs("AWS::Glue::Table", 0);
    template.hasResourceProperties("AWS::KinesisFirehose::DeliveryStream", {
      ExtendedS3DestinationConfiguration: {
        ...PREFIXES,
        CompressionFormat: "GZIP",
        DataFormatConversionConfiguration: Match.absent(),
      },
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      Environment: { Variables: { FRESHET_SOURCE: "orders", FRESHET_HISTORY_FORMAT: "json" } },
    });
  });

  it("passes every record through its transform, a little at a time, since an answer is bounded", () => {
    const { template } = synthesise(history);
    template.hasResourceProperties("AWS::KinesisFirehose::DeliveryStream", {
      ExtendedS3DestinationConfiguration: {
        ProcessingConfiguration: {
          Enabled: true,
          Processors: [
            {
              Type: "Lambda",
              Parameters: Match.arrayWith([
                {
                  ParameterName: "LambdaArn",
                  ParameterValue: { "Fn::GetAtt": [Match.stringLikeRegexp("^HistoryTransform"), "Arn"] },
                },
                { ParameterName: "BufferSizeInMBs", ParameterValue: "0.2" },
              ]),
            },
          ],
        },
      },
    });
  });

  it("may write below its two prefixes alone, and its function may write its own logs alone", () => {
    const { template } = synthesise(history);
    const objects = statementsOf(template, "HistoryRole").find(({ Action }) =>
      JSON.stringify(Action).includes("s3:PutObject"),
    )!;
    expect(JSON.stringify(objects.Resource)).toMatch(
      /:s3:::data\/history\/orders\/\*".*:s3:::data\/history-errors\/orders\/\*"/,
    );
    expect(statementsOf(template, "HistoryTransformRole").map(({ Action }) => Action)).toEqual([
      ["logs:CreateLogStream", "logs:PutLogEvents"],
    ]);
    for (const { Action, Resource } of statementsOf(template, "HistoryRole")) {
      expect(JSON.stringify(Action)).not.toContain("*");
      expect(Resource).not.toBe("*");
    }
  });

  it("lets its events be read, and no other object", () => {
    const { template } = synthesise((stack) => {
      const role = new Role(stack, "Trainer", { assumedBy: new AccountPrincipal("123456789012") });
      history(stack).grantRead(role);
    });
    const [listing, reading] = statementsOf(template, "Trainer");
    expect(listing).toMatchObject({
      Action: "s3:ListBucket",
      Condition: { StringLike: { "s3:prefix": "history/orders/*" } },
    });
    expect(JSON.stringify(reading!.Resource)).toContain("data/history/orders/*");
  });
});
