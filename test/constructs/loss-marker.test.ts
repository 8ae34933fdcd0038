import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { FeaturePipeline } from "../../lib/constructs/index.ts";
import { ORDERS, statementsOf, synthesise } from "./fixtures/synthesise.ts";

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
});
