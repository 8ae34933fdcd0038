import type { Stack } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { type IVpc, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { Key } from "aws-cdk-lib/aws-kms";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, it } from "vitest";
import { FeaturePipeline, type FeaturePipelineProps } from "../../lib/constructs/index.ts";
import { FLIGHTS, ORDERS, resourcesOf, synthesise } from "./fixtures/synthesise.ts";

const pipeline = (props: FeaturePipelineProps) => (stack: Stack) =>
  new FeaturePipeline(stack, "Pipeline", props);

describe("FeaturePipeline", () => {
  const flights = synthesise(pipeline({ definitions: FLIGHTS }));

  it("makes a stream, an aggregator and a history for each source, one table, one bucket, and the API", () => {
    const { template, built } = flights;
    expect(Object.keys(built.streams)).toEqual(["arrivals", "departures"]);
    for (const [type, count] of Object.entries({
      "AWS::Kinesis::Stream": 2,
      "AWS::Lambda::EventSourceMapping": 2,
      "AWS::KinesisFirehose::DeliveryStream": 2,
      "AWS::Glue::Table": 2,
      "AWS::Scheduler::Schedule": 2,
      "AWS::DynamoDB::GlobalTable": 1,
      "AWS::S3::Bucket": 1,
      "AWS::Lambda::Url": 1,
      "AWS::CloudWatch::Dashboard": 1,
      // Two sources: aggregator, transform, heartbeats; the API, and who marks losses.
      "AWS::Lambda::Function": 8,
    })) {
      template.resourceCountIs(type, count);
    }
  });

  // A stack that is updated replaces what changed its logical id: a stream, a table or a bucket would begin empty.
  it("keeps the logical ids of what holds data", () => {
    const { template } = flights;
    const stateful = ["AWS::Kinesis::Stream", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"];
    expect(stateful.flatMap((type) => Object.keys(resourcesOf(template, type))).sort()).toEqual([
      "PipelineData9A1AA091",
      "PipelineFeaturesTable2C69D0DF",
      "PipelineSourcearrivalsEventsStream0844A4F1",
      "PipelineSourcedeparturesEventsStream504FB265",
    ]);
  });

  it("runs every function on Node 24 with a role and a log group of its own, and no managed policy", () => {
    const { template } = flights;
    const functions = Object.values(resourcesOf(template, "AWS::Lambda::Function"));
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Handler: "index.handler",
      });
    }
    const ids = (attribute: string) =>
      functions.map(({ Properties }) => JSON.stringify(Properties[attribute]));
    expect(new Set(ids("Role")).size).toBe(8);
    expect(new Set(ids("LoggingConfig")).size).toBe(8);
    const groups = Object.values(resourcesOf(template, "AWS::Logs::LogGroup"));
    // One a function, and one a source for Firehose.
    expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual(Array(10).fill(90));
    const managed = Object.values(resourcesOf(template, "AWS::IAM::Role")).flatMap(
      ({ Properties }) => (Properties.ManagedPolicyArns as unknown[] | undefined) ?? [],
    );
    expect(JSON.stringify(managed)).toMatch(/AWSCodeDeployRoleForLambdaLimited/);
    expect(managed).toHaveLength(1);
  });

  it("retains what holds data, unless told otherwise", () => {
    const policies = (props: Partial<FeaturePipelineProps>) => {
      const { template } = synthesise(pipeline({ definitions: ORDERS, ...props }));
      return ["AWS::Kinesis::Stream", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"]
        .flatMap((type) => Object.values(resourcesOf(template, type)))
        .flatMap(({ DeletionPolicy, UpdateReplacePolicy }) => [DeletionPolicy, UpdateReplacePolicy]);
    };
    expect(policies({})).toEqual(Array(6).fill("Retain"));
    expect(policies({ removalPolicy: "destroy" as never })).toEqual(Array(6).fill("Delete"));
  });

  it("leaves out what it is told to, and says so where it is asked for", () => {
    const { template, built } = synthesise(
      pipeline({ definitions: ORDERS, api: false, history: false, monitoring: false }),
    );
    for (const type of [
      "AWS::Lambda::Url",
      "AWS::KinesisFirehose::DeliveryStream",
      "AWS::Glue::Table",
      "AWS::CloudWatch::Alarm",
      "AWS::CloudWatch::Dashboard",
    ]) {
      template.resourceCountIs(type, 0);
    }
    expect(() => built.api).toThrow(/Test\/Pipeline has no API: its option api is false/);
    expect(built.histories).toEqual({});
    expect(built.monitoring).toBeUndefined();
  });

  it("takes existing streams, table and bucket, and makes none", () => {
    const arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/theirs";
    const { template } = synthesise((stack) => {
      new FeaturePipeline(stack, "Pipeline", {
        definitions: ORDERS,
        streams: { orders: Stream.fromStreamArn(stack, "Stream", arn) },
        table: TableV2.fromTableName(stack, "Table", "their-table"),
        bucket: Bucket.fromBucketName(stack, "Bucket", "their-bucket"),
      });
    });
    for (const type of ["AWS::Kinesis::Stream", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"]) {
      template.resourceCountIs(type, 0);
    }
    // Others own the stream: nothing is put to it.
    template.resourceCountIs("AWS::Scheduler::Schedule", 0);
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", { EventSourceArn: arn });
    template.hasResourceProperties("AWS::Lambda::Function", {
      Environment: {
        Variables: {
          FRESHET_TABLE: "their-table",
          FRESHET_BUCKET: "their-bucket",
          FRESHET_STREAMS: JSON.stringify({ orders: arn }),
        },
      },
    });
  });

  it("puts heartbeats to an existing stream when asked to", () => {
    const arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/theirs";
    const { template } = synthesise((stack) => {
      new FeaturePipeline(stack, "Pipeline", {
        definitions: ORDERS,
        streams: { orders: { stream: Stream.fromStreamArn(stack, "Stream", arn), heartbeats: true } },
      });
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      Environment: { Variables: { FRESHET_STREAM: arn } },
    });
  });

  it("encrypts with a given key, and lets each function use it", () => {
    const build = (stack: Stack) =>
      new FeaturePipeline(stack, "Pipeline", {
        definitions: ORDERS,
        encryptionKey: new Key(stack, "Key"),
      });
    // The CDK writes the key of a table's replicas by their regions.
    expect(() => synthesise(build)).toThrow(/Test: a table with a key of yours needs a stack with a region/);
    const { template } = synthesise(build, { env: { region: "eu-west-1", account: "123456789012" } });
    const key = { "Fn::GetAtt": [Match.stringLikeRegexp("^Key"), "Arn"] };
    template.hasResourceProperties("AWS::Kinesis::Stream", {
      StreamEncryption: { EncryptionType: "KMS", KeyId: key },
    });
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      SSESpecification: { SSEEnabled: true, SSEType: "KMS" },
    });
    template.hasResourceProperties("AWS::S3::Bucket", {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: key } },
        ],
      },
    });
    for (const { Properties } of Object.values(resourcesOf(template, "AWS::Lambda::Function"))) {
      expect(Properties.KmsKeyArn).toBeDefined();
    }
    const groups = Object.values(resourcesOf(template, "AWS::Logs::LogGroup"));
    // Five functions', and Firehose's own.
    expect(groups.map(({ Properties }) => Properties.KmsKeyId)).toEqual(
      Array(6).fill({ "Fn::GetAtt": [expect.stringMatching(/^Key/), "Arn"] }),
    );
    const [{ Properties: made }] = Object.values(resourcesOf(template, "AWS::KMS::Key")) as [
      { Properties: { KeyPolicy: { Statement: { Principal: { Service?: unknown } }[] } } },
    ];
    expect(made.KeyPolicy.Statement.filter(({ Principal }) => Principal.Service !== undefined)).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "logs.eu-west-1.amazonaws.com" },
        Action: ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        Resource: "*",
        Condition: {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn": {
              "Fn::Join": [
                "",
                ["arn:", { Ref: "AWS::Partition" }, ":logs:eu-west-1:123456789012:log-group:*"],
              ],
            },
          },
        },
      },
    ]);
  });

  it("leaves the policy of an imported key to its owner", () => {
    const arn = "arn:aws:kms:eu-west-1:123456789012:key/6f2a0a0e";
    const { template } = synthesise(
      (stack) =>
        new FeaturePipeline(stack, "Pipeline", {
          definitions: ORDERS,
          encryptionKey: Key.fromKeyArn(stack, "Key", arn),
        }),
      { env: { region: "eu-west-1", account: "123456789012" } },
    );
    template.hasResourceProperties("AWS::Logs::LogGroup", { KmsKeyId: arn });
  });

  it("runs its functions in a given VPC", () => {
    const { template } = synthesise((stack) => {
      new FeaturePipeline(stack, "Pipeline", {
        definitions: ORDERS,
        // No IVpc under exactOptionalPropertyTypes.
        vpc: new Vpc(stack, "Vpc", { maxAzs: 2, natGateways: 1 }) as IVpc,
        vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      });
    });
    for (const { Properties } of Object.values(resourcesOf(template, "AWS::Lambda::Function"))) {
      expect(Properties.VpcConfig).toMatchObject({
        SubnetIds: [expect.anything(), expect.anything()],
      });
    }
  });

  it("lets others put, ask and read, by name", () => {
    const { template } = synthesise((stack) => {
      const role = new Role(stack, "Role", { assumedBy: new AccountPrincipal("123456789012") });
      const made = new FeaturePipeline(stack, "Pipeline", { definitions: ORDERS });
      made.grantPut("orders", role);
      made.grantInvoke(role);
      made.grantReadHistory(role);
      expect(() => made.grantPut("payments", role)).toThrow(/no source "payments"; there are orders/);
    });
    template.hasResourceProperties("AWS::IAM::Policy", {
      Roles: [{ Ref: Match.stringLikeRegexp("^Role") }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ["kinesis:DescribeStreamSummary", "kinesis:PutRecord", "kinesis:PutRecords"],
          }),
          Match.objectLike({ Action: "lambda:InvokeFunctionUrl" }),
          Match.objectLike({ Action: "s3:GetObject" }),
        ]),
      },
    });
  });

  it("refuses a stream for a source that there is not", () => {
    expect(() =>
      synthesise((stack) => {
        const stream = Stream.fromStreamArn(
          stack,
          "Stream",
          "arn:aws:kinesis:eu-west-1:123456789012:stream/s",
        );
        new FeaturePipeline(stack, "Pipeline", { definitions: ORDERS, streams: { order: stream } });
      }),
    ).toThrow(/^FeaturePipeline Test\/Pipeline: streams: there is no source "order"; there are orders/);
  });

  it("tells what a month costs under a stated load, as it is deployed", () => {
    const load = { eventsPerSecond: 100, predictionsPerSecond: 20 };
    const estimate = (props: Partial<FeaturePipelineProps> = {}) =>
      synthesise(pipeline({ definitions: ORDERS, load, ...props }));
    const { built, stack } = estimate();
    expect(built.cost).toMatchObject({ load: { ...load, eventsPerSecond: { orders: 100 } } });
    const notes = stack.node
      .findAll()
      .flatMap(({ node }) => node.metadata.filter(({ type }) => type === "aws:cdk:info"));
    expect(notes.map(({ data }) => data)).toEqual([
      expect.stringMatching(
        /^about \d+\.\d\d USD a month for 100 events\/s and 20 predictions\/s \(list prices of us-east-1, [\d-]+\)\n.*DynamoDB \d+/,
      ),
    ]);
    const cheaper = estimate({ history: false, monitoring: false, stream: { shards: 1 } }).built.cost!;
    expect(cheaper.services.map(({ service }) => service)).not.toContain("Firehose");
    expect(cheaper.totalUsd).toBeLessThan(built.cost!.totalUsd);
    expect(synthesise(pipeline({ definitions: ORDERS })).built.cost).toBeUndefined();
  });

  it("gives two pipelines of one stack names and metrics of their own", () => {
    const { built } = synthesise((stack) =>
      ["One", "Two"].map((id) => new FeaturePipeline(stack, id, { definitions: ORDERS })),
    );
    const [one, two] = built.map(({ metricsNamespace }) => metricsNamespace);
    expect(one).toMatch(/^Freshet\/Test-One/);
    expect(one).not.toBe(two);
  });

  it("finds a view's metrics by its name", () => {
    const { built } = flights;
    expect(built.metricLag("origin_departures").toMetricConfig().metricStat).toMatchObject({
      namespace: built.metricsNamespace,
      metricName: "Lag",
      statistic: "Maximum",
      dimensions: [
        { name: "service", value: "aggregate" },
        { name: "source", value: "departures" },
        { name: "view", value: "origin_departures@1" },
      ],
    });
    expect(() => built.metricLag("origin")).toThrow(
      /^FeaturePipeline \S+: there is no view "origin"; there are destination_arrivals@1, /,
    );
    expect(() => built.grantPut("departure", new AccountPrincipal("123456789012"))).toThrow(
      /^FeaturePipeline \S+: there is no source "departure"; there are /,
    );
  });
});
