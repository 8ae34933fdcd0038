import { Duration, type Stack } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { type CfnStream, Stream, type StreamProps } from "aws-cdk-lib/aws-kinesis";
import {
  Alias,
  type CfnEventSourceMapping,
  FilterCriteria,
  FilterRule,
  type IVersion,
} from "aws-cdk-lib/aws-lambda";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, it } from "vitest";
import { DEFAULT_BATCHING_WINDOW_MS } from "../../bin/check/freshness-problems.ts";
import { HEARTBEAT_FILTER } from "../../lib/constructs/filter-patterns.ts";
import { Aggregator, type AggregatorProps } from "../../lib/constructs/index.ts";
import { ORDERS, statementsOf, synthesise } from "./fixtures/synthesise.ts";

const ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/theirs";

const aggregator = (stack: Stack, options: Partial<AggregatorProps> = {}) =>
  new Aggregator(stack, "Aggregator", {
    definitions: ORDERS,
    source: "orders",
    stream: Stream.fromStreamArn(stack, "Stream", ARN),
    table: TableV2.fromTableName(stack, "Table", "features"),
    bucket: Bucket.fromBucketName(stack, "Bucket", "data"),
    ...options,
  });

describe("Aggregator", () => {
  it("reads its stream so that no failure skips a record or blocks a shard", () => {
    const { template } = synthesise(aggregator);
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: ARN,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
      ParallelizationFactor: 1,
      StartingPosition: "TRIM_HORIZON",
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: DEFAULT_BATCHING_WINDOW_MS / 1_000,
      DestinationConfig: {
        OnFailure: {
          Destination: { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":s3:::data"]] },
        },
      },
      FilterCriteria: Match.absent(),
    });
  });

  it("filters when told to, and lets heartbeats through all the same", () => {
    const { template } = synthesise((stack) => aggregator(stack, { filters: [{ data: { amount: [1] } }] }));
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      FilterCriteria: {
        Filters: [
          { Pattern: '{"data":{"amount":[1]}}' },
          { Pattern: '{"data":{"freshetHeartbeat":[{"exists":true}]}}' },
        ],
      },
    });
  });

  it("takes what the CDK makes of a pattern as it is", () => {
    const filters = [
      FilterCriteria.filter({ data: { amount: FilterRule.isEqual(1) } }),
      { pattern: '{"$or":[{"partitionKey":["a"]},{"data":{"card":["b"]}}]}' },
    ];
    const { template } = synthesise((stack) => aggregator(stack, { filters }));
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      FilterCriteria: {
        Filters: [
          { Pattern: '{"data":{"amount":[{"numeric":["=",1]}]}}' },
          { Pattern: '{"$or":[{"partitionKey":["a"]},{"data":{"card":["b"]}}]}' },
          { Pattern: '{"data":{"freshetHeartbeat":[{"exists":true}]}}' },
        ],
      },
    });
  });

  it("delivers all that is put where the list of filters is empty", () => {
    const { template } = synthesise((stack) => aggregator(stack, { filters: [] }));
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", { FilterCriteria: Match.absent() });
  });

  it.each<[string, unknown, string]>([
    [
      "over the event's own fields",
      { amount: [1] },
      '"amount" is no field of a Kinesis record. A pattern is',
    ],
    ["over the record in Lambda's envelope", { kinesis: { data: {} } }, '"kinesis" is no field'],
    ["of the CDK over them", FilterCriteria.filter({ amount: [1] }), '"amount" is no field'],
    ["of alternatives over them", { $or: [{ data: {} }, { card: ["b"] }] }, '"card" is no field'],
    ["that is no JSON", { pattern: "amount = 1" }, 'filters[0] is "amount = 1". A pattern is an object'],
    ["that is empty", {}, "filters[0] is {}. A pattern is an object over"],
    ["that is none", "data", 'filters[0] is "data". A pattern is an object over'],
  ])("refuses a filter %s, which would let heartbeats alone through", (_, filter, told) => {
    const filters = [filter] as AggregatorProps["filters"] & object;
    expect(() => synthesise((stack) => aggregator(stack, { filters }))).toThrow(told);
  });

  it("waits for a batch for less than the tightest SLA", () => {
    const batchingWindow = (seconds: number) => () =>
      synthesise((stack) => aggregator(stack, { batchingWindow: Duration.seconds(seconds) }));
    expect(batchingWindow(120)).toThrow(
      /^Test\/Aggregator has a batchingWindow of 2 minutes, and view \S+@\d an SLA of 2m: its answers would be stale/,
    );
    expect(batchingWindow(119)).not.toThrow();
  });

  it("has four filters at most, since Lambda takes five and the heartbeats need one", () => {
    const filters = (count: number) =>
      Array.from({ length: count }, (_, amount) => ({ data: { amount: [amount] } }));
    const build = (count: number) => () =>
      synthesise((stack) => aggregator(stack, { filters: filters(count) }));
    expect(build(4)).not.toThrow();
    expect(build(5)).toThrow(/^Test\/Aggregator has 5 filters; there may be 4 beside the heartbeats' own/);
  });

  it("may read its stream, fold into the table and put to the bucket, and nothing else", () => {
    const { template } = synthesise(aggregator);
    const statements = statementsOf(template, "AggregatorFunctionRole");
    expect(statements.map(({ Action }) => Action)).toEqual([
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      [
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
      ],
      ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem"],
      "s3:PutObject",
      "s3:ListBucket",
    ]);
    const bucket = (path: string) => ({
      "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, `:s3:::data${path}`]],
    });
    expect(statements[3]!.Resource).toEqual([
      bucket("/late/*"),
      bucket("/quarantine/*"),
      bucket("/aws/lambda/*"),
    ]);
    // No resource is everything, and no action has a wildcard.
    for (const { Action, Resource } of statements) {
      expect(JSON.stringify(Action)).not.toContain("*");
      expect(Resource).not.toBe("*");
    }
  });

  it("refuses a stream of the app that keeps records for less than its source declares", () => {
    const build = (props: StreamProps) => () =>
      synthesise((stack) => aggregator(stack, { stream: new Stream(stack, "Owned", props) }));
    expect(build({})).toThrow(
      /Test\/Owned keeps records for 24 hours, and source orders declares a retention of 168 hours: .* retentionPeriod: Duration\.hours\(168\), or the source retention: "24h"\./,
    );
    expect(build({ retentionPeriod: Duration.hours(167) })).toThrow(/keeps records for 167 hours/);
    expect(build({ retentionPeriod: Duration.days(7) })).not.toThrow();
    expect(build({ retentionPeriod: Duration.days(30) })).not.toThrow();
  });

  it("takes a retention that only the deployment knows", () => {
    synthesise((stack) => {
      const stream = new Stream(stack, "Owned");
      (stream.node.defaultChild as CfnStream).addPropertyOverride("RetentionPeriodHours", { Ref: "Hours" });
      aggregator(stack, { stream });
    });
  });

  describe("refuses, since old and new code would fold one shard at a time,", () => {
    it("an alias that splits traffic", () => {
      expect(() =>
        synthesise((stack) => {
          const { currentVersion } = aggregator(stack).function;
          const version = currentVersion as IVersion;
          new Alias(stack, "Live", {
            aliasName: "live",
            version,
            additionalVersions: [{ version, weight: 0.1 }],
          });
        }),
      ).toThrow(/alias Test\/Live\/Resource splits traffic between versions of the aggregator/);
    });

    it("an alias that shifts traffic", () => {
      expect(() =>
        synthesise((stack) => {
          const version = aggregator(stack).function.currentVersion as IVersion;
          const alias = new Alias(stack, "Live", { aliasName: "live", version });
          new LambdaDeploymentGroup(stack, "Canary", { alias });
        }),
      ).toThrow(/alias Test\/Live\/Resource shifts traffic .* bit by bit: old and new code/);
    });

    it("a parallelisation factor that an override set", () => {
      expect(() =>
        synthesise((stack) => {
          const mapping = aggregator(stack).eventSource.node.defaultChild as CfnEventSourceMapping;
          mapping.parallelizationFactor = 10;
        }),
      ).toThrow(/has the parallelisation factor 10: .* so it is 1\. Scale by shards/);
    });

    it("a start behind records that an override set", () => {
      for (const position of ["LATEST", "AT_TIMESTAMP"]) {
        expect(() =>
          synthesise((stack) => {
            const mapping = aggregator(stack).eventSource.node.defaultChild as CfnEventSourceMapping;
            mapping.startingPosition = position;
          }),
        ).toThrow(new RegExp(`starts at "${position}": .* It starts at TRIM_HORIZON`));
      }
    });

    it("but no alias that does neither", () => {
      synthesise((stack) => {
        const version = aggregator(stack).function.currentVersion as IVersion;
        new Alias(stack, "Live", { aliasName: "live", version });
      }).template.resourceCountIs("AWS::Lambda::Alias", 1);
    });
  });

  describe("refuses what the template would say of its mapping by an override,", () => {
    it.each<[string, (mapping: CfnEventSourceMapping) => void, RegExp]>([
      ["another start", (it) => it.addPropertyOverride("StartingPosition", "LATEST"), /starts at "LATEST": /],
      [
        "a parallelisation factor",
        (it) => it.addOverride("Properties.ParallelizationFactor", 10),
        /has the parallelisation factor 10: /,
      ],
      [
        "a limit of attempts",
        (it) => it.addPropertyOverride("MaximumRetryAttempts", 3),
        /MaximumRetryAttempts 3: it is -1, .* lost to every view/,
      ],
      [
        "a limit of age",
        (it) => {
          it.maximumRecordAgeInSeconds = 3600;
        },
        /MaximumRecordAgeInSeconds 3600: it is -1, .* lost to every view/,
      ],
      [
        "no partial batch responses",
        (it) => it.addPropertyDeletionOverride("FunctionResponseTypes"),
        /has no FunctionResponseTypes: they include "ReportBatchItemFailures", .* lost unseen/,
      ],
      [
        "no destination of what is given up",
        (it) => it.addPropertyDeletionOverride("DestinationConfig.OnFailure"),
        /has no DestinationConfig: OnFailure names the bucket, .* lost unseen/,
      ],
      [
        "filters that leave heartbeats out",
        (it) => it.addPropertyOverride("FilterCriteria", { Filters: [{ Pattern: '{"data":{"a":[1]}}' }] }),
        /has the FilterCriteria .*, which leaves heartbeats out, and answers of idle shards would be stale/,
      ],
      [
        "filters that leave all else out",
        (it) =>
          it.addPropertyOverride("FilterCriteria", { Filters: [{ Pattern: HEARTBEAT_FILTER.pattern }] }),
        /has the FilterCriteria .*, which leaves out all but heartbeats/,
      ],
    ])("%s", (_, override, told) => {
      expect(() =>
        synthesise((stack) =>
          override(aggregator(stack).eventSource.node.defaultChild as CfnEventSourceMapping),
        ),
      ).toThrow(told);
    });

    it("but no override that keeps the promises", () => {
      synthesise((stack) => {
        const mapping = aggregator(stack).eventSource.node.defaultChild as CfnEventSourceMapping;
        mapping.addPropertyOverride("BatchSize", 500);
      }).template.hasResourceProperties("AWS::Lambda::EventSourceMapping", { BatchSize: 500 });
    });
  });
});
