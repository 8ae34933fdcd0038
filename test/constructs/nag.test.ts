import { Fn, Stack } from "aws-cdk-lib";
import { type IVpc, Vpc } from "aws-cdk-lib/aws-ec2";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket } from "aws-cdk-lib/aws-s3";
import type { IConstruct } from "constructs";
import { describe, expect, it } from "vitest";
import { FeaturePipeline, type FeaturePipelineProps } from "../../lib/constructs/index.ts";
import { ORDERS, synthesise } from "./fixtures/synthesise.ts";

const ENVIRONMENT = { region: "eu-west-1", account: "123456789012" };

/** The findings that a construct and those in it say do not hold, with why. */
function acknowledged(construct: IConstruct): readonly (readonly [string, string])[] {
  return construct.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === "aws:cdk:acknowledged-rules")
        .flatMap(({ data }) => Object.entries(data as Readonly<Record<string, string>>)),
    );
}

describe("cdk-nag's AwsSolutions", () => {
  const cases: readonly [string, (stack: Stack) => Partial<FeaturePipelineProps>][] = [
    ["of what is made", () => ({})],
    [
      "with a key of one's own",
      (stack) => ({ encryptionKey: new Key(stack, "Key", { enableKeyRotation: true }) }),
    ],
    [
      "with existing resources, heartbeats and JSON",
      (stack) => ({
        streams: {
          orders: {
            stream: Stream.fromStreamArn(stack, "Stream", "arn:aws:kinesis:eu-west-1:123456789012:stream/s"),
            heartbeats: true,
          },
        },
        bucket: Bucket.fromBucketName(stack, "Bucket", "data"),
        history: { format: "json" },
      }),
    ],
    [
      "with the bucket of another stack",
      (stack) => {
        const theirs = new Stack(stack.node.root, "Theirs", { env: ENVIRONMENT });
        const bucket = new Bucket(theirs, "Data", {
          enforceSSL: true,
          serverAccessLogsPrefix: "logs/",
        });
        return { bucket };
      },
    ],
    [
      "with a bucket whose ARN another template exports",
      (stack) => ({ bucket: Bucket.fromBucketArn(stack, "Bucket", Fn.importValue("their-bucket")) }),
    ],
    [
      "with a bucket whose name another template exports",
      (stack) => ({ bucket: Bucket.fromBucketName(stack, "Bucket", Fn.importValue("their-bucket")) }),
    ],
    [
      "in a VPC",
      (stack) => ({
        vpc: Vpc.fromVpcAttributes(stack, "Vpc", {
          vpcId: "vpc-1",
          availabilityZones: ["eu-west-1a"],
          privateSubnetIds: ["subnet-1"],
        }) as IVpc,
      }),
    ],
  ];

  it.each(cases)("find nothing: %s", (_, props) => {
    const build = (stack: Stack) =>
      new FeaturePipeline(stack, "Pipeline", { definitions: ORDERS, ...props(stack) });
    expect(() => synthesise(build, { nag: true, env: ENVIRONMENT })).not.toThrow();
  });

  it("would find something", () => {
    expect(() => synthesise((stack) => new Bucket(stack, "Open"), { nag: true })).toThrow(
      /ERROR The S3 Bucket or bucket policy does not require requests to use SSL/,
    );
  });

  it("hold but for what is said in one line: prefixes of objects, and what others decide", () => {
    const { built } = synthesise((stack) => new FeaturePipeline(stack, "Pipeline", { definitions: ORDERS }));
    const rules = acknowledged(built).map(([rule]) => rule.replace(/^Annotation::/, ""));
    expect([...new Set(rules.map((rule) => rule.replace(/<.*>\//, "")))].sort()).toEqual([
      "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
      "AwsSolutions-IAM5[Resource::aws/lambda/*]",
      "AwsSolutions-IAM5[Resource::history-errors/orders/*]",
      "AwsSolutions-IAM5[Resource::history/orders/*]",
      "AwsSolutions-IAM5[Resource::late/*]",
      "AwsSolutions-IAM5[Resource::quarantine/*]",
      "AwsSolutions-KDF1",
      "AwsSolutions-S1",
    ]);
    for (const [, reason] of acknowledged(built)) expect(reason).toMatch(/^\S[^\n]{30,160}\.$/);
  });
});
