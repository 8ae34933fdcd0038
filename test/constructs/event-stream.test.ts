import { Match } from "aws-cdk-lib/assertions";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import { EventStream } from "../../lib/constructs/index.ts";
import { ORDERS, READINGS, resourcesOf, statementsOf, synthesise } from "./fixtures/synthesise.ts";

const ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/theirs";

describe("EventStream", () => {
  it("is on demand, encrypted, and kept for as long as its source declares", () => {
    const { template } = synthesise(
      (stack) => new EventStream(stack, "Events", { definitions: ORDERS, source: "orders" }),
    );
    template.hasResource("AWS::Kinesis::Stream", {
      Properties: {
        StreamModeDetails: { StreamMode: "ON_DEMAND" },
        RetentionPeriodHours: 168,
        StreamEncryption: { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" },
      },
      DeletionPolicy: "Retain",
    });
  });

  it("has as many shards as it is told to", () => {
    const { template } = synthesise(
      (stack) => new EventStream(stack, "Events", { definitions: ORDERS, source: "orders", shards: 3 }),
    );
    template.hasResourceProperties("AWS::Kinesis::Stream", {
      ShardCount: 3,
      StreamModeDetails: { StreamMode: "PROVISIONED" },
    });
  });

  it("beats every 30 s for an SLA of two minutes: a minute's schedule, of which each invocation beats twice", () => {
    const { template, built } = synthesise(
      (stack) => new EventStream(stack, "Events", { definitions: ORDERS, source: "orders" }),
    );
    expect(built.heartbeats!.plan).toMatchObject({ periodMs: 30_000, beats: 2 });
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
      ScheduleExpression: "rate(1 minute)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: {
        Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^EventsHeartbeatsFunction"), "Arn"] },
        // The next invocation comes in a minute anyway.
        RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 },
      },
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      Environment: {
        Variables: {
          FRESHET_PERIOD_MS: "30000",
          FRESHET_COVER_MS: "60000",
          FRESHET_STREAM: { "Fn::GetAtt": [Match.stringLikeRegexp("^EventsStream"), "Arn"] },
        },
      },
      // It is not ended while it waits for its second beat.
      Timeout: 75,
    });
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it("beats once an invocation for an SLA of an hour, and does not wait for the next, which Lambda would not let it", () => {
    const { template } = synthesise(
      (stack) => new EventStream(stack, "Events", { definitions: READINGS, source: "readings" }),
    );
    template.hasResourceProperties("AWS::Scheduler::Schedule", { ScheduleExpression: "rate(20 minutes)" });
    template.hasResourceProperties("AWS::Lambda::Function", {
      Environment: { Variables: { FRESHET_PERIOD_MS: "1200000", FRESHET_COVER_MS: "1200000" } },
      Timeout: 45,
    });
  });

  it("describes its function in as many letters as Lambda takes", () => {
    const { template } = synthesise((stack) => {
      let scope: Construct = stack;
      for (let depth = 0; depth < 6; depth++) scope = new Construct(scope, `${depth}`.repeat(60));
      return new EventStream(scope, "Events", { definitions: ORDERS, source: "orders" });
    });
    for (const [type, length] of [
      ["AWS::Lambda::Function", 256],
      ["AWS::Scheduler::Schedule", 512],
    ] as const) {
      const [made] = Object.values(resourcesOf(template, type));
      expect((made!.Properties.Description as string).length).toBeLessThanOrEqual(length);
    }
  });

  it("lets the heartbeats put, and the schedule invoke, and neither anything else", () => {
    const { template } = synthesise(
      (stack) => new EventStream(stack, "Events", { definitions: ORDERS, source: "orders" }),
    );
    expect(statementsOf(template, "EventsHeartbeatsFunctionRole").map(({ Action }) => Action)).toEqual([
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecords"],
    ]);
    expect(statementsOf(template, "EventsHeartbeatsScheduleRole")).toEqual([
      {
        Action: "lambda:InvokeFunction",
        Effect: "Allow",
        Resource: { "Fn::GetAtt": [expect.stringMatching(/^EventsHeartbeatsFunction/), "Arn"] },
      },
    ]);
  });

  it("puts nothing to an existing stream, unless told to", () => {
    const build = (heartbeats: boolean | undefined) =>
      synthesise(
        (stack) =>
          new EventStream(stack, "Events", {
            definitions: ORDERS,
            source: "orders",
            stream: Stream.fromStreamArn(stack, "Theirs", ARN),
            ...(heartbeats === undefined ? {} : { heartbeats }),
          }),
      );
    const { template, built } = build(undefined);
    template.resourceCountIs("AWS::Kinesis::Stream", 0);
    template.resourceCountIs("AWS::Lambda::Function", 0);
    expect(built.heartbeats).toBeUndefined();
    build(true).template.resourceCountIs("AWS::Scheduler::Schedule", 1);
  });

  it("refuses a source that the definitions do not have", () => {
    expect(() =>
      synthesise((stack) => new EventStream(stack, "Events", { definitions: ORDERS, source: "order" })),
    ).toThrow(/^EventStream Test\/Events: there is no source "order" in .*orders\.ts; it has orders/);
  });
});
