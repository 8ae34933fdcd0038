import { Duration, Lazy, type Stack } from "aws-cdk-lib";
import { Table } from "aws-cdk-lib/aws-dynamodb";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, it } from "vitest";
import {
  Aggregator,
  EventHistory,
  EventStream,
  FeatureMonitoring,
  FeaturePipeline,
  FeatureTable,
  InferenceApi,
  LossMarker,
} from "../../lib/constructs/index.ts";
import { ORDERS, synthesise } from "./fixtures/synthesise.ts";

const ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/theirs";
const definitions = ORDERS;
const source = "orders";
const stream = (stack: Stack) => Stream.fromStreamArn(stack, "Theirs", ARN);
const table = (stack: Stack) => Table.fromTableName(stack, "Kept", "kept");
const bucket = (stack: Stack) => Bucket.fromBucketName(stack, "Lake", "lake");

/** Every construct, with what it needs. */
const BUILD = {
  FeaturePipeline: (stack: Stack, more: object) => new FeaturePipeline(stack, "It", { definitions, ...more }),
  EventStream: (stack: Stack, more: object) => new EventStream(stack, "It", { definitions, source, ...more }),
  FeatureTable: (stack: Stack, more: object) => new FeatureTable(stack, "It", more),
  Aggregator: (stack: Stack, more: object) =>
    new Aggregator(stack, "It", {
      definitions,
      source,
      stream: stream(stack),
      table: table(stack),
      bucket: bucket(stack),
      ...more,
    }),
  EventHistory: (stack: Stack, more: object) =>
    new EventHistory(stack, "It", {
      definitions,
      source,
      stream: stream(stack),
      bucket: bucket(stack),
      ...more,
    }),
  LossMarker: (stack: Stack, more: object) =>
    new LossMarker(stack, "It", {
      definitions,
      streams: { orders: stream(stack) },
      table: table(stack),
      bucket: bucket(stack),
      ...more,
    }),
  InferenceApi: (stack: Stack, more: object) =>
    new InferenceApi(stack, "It", { definitions, table: table(stack), ...more }),
  FeatureMonitoring: (stack: Stack, more: object) =>
    new FeatureMonitoring(stack, "It", { aggregators: [], ...more }),
} as const;
type Name = keyof typeof BUILD;

const built = (name: Name, more: object) => () =>
  void synthesise((stack) => BUILD[name](stack, more), { env: { region: "eu-west-1" } });

// Where nothing checks types, a misspelt prop would be passed over.
describe("props", () => {
  it.each(Object.keys(BUILD) as Name[])("%s refuses one that it does not have, by name", (name) => {
    expect(built(name, {})).not.toThrow();
    expect(built(name, { removalPolice: 1 })).toThrow(
      new RegExp(`^${name} Test/It has no "removalPolice".*; allowed: `),
    );
  });

  it.each<[string, Name, object, string]>([
    ["a group of a pipeline's", "FeaturePipeline", { api: { cros: {} } }, "InferenceApi Test/It/Api has no"],
    ["a misspelt switch", "EventStream", { heartbeat: true }, 'has no "heartbeat"'],
    ["a load's", "FeaturePipeline", { load: { eventPerSecond: 1 } }, 'the load has no "eventPerSecond"'],
    [
      "no shards",
      "EventStream",
      { shards: 0 },
      "EventStream Test/It: shards is 0; it is a whole number from 1 on.",
    ],
    ["half a shard", "FeaturePipeline", { stream: { shards: 1.5 } }, "shards is 1.5"],
    ["a batch past Lambda's", "Aggregator", { batchSize: 20_000 }, "from 1 to 10000."],
    ["memory past Lambda's", "InferenceApi", { memorySize: 64 }, "from 128 to 10240."],
    ["environments below none", "InferenceApi", { provisionedConcurrency: -1 }, "from 1 on."],
    ["a ratio that is none", "FeatureMonitoring", { lateRatio: 20 }, "it is a number from 0 to 1."],
    ["an unknown format", "EventHistory", { format: "csv" }, "it is one of parquet, json."],
    ["an unknown deployment", "InferenceApi", { deployment: "canry" }, "it is one of canary, all-at-once."],
    ["units below one", "FeatureTable", { maxWriteUnits: 0 }, "maxWriteUnits is 0"],
    ["a number in quotes", "EventStream", { shards: "4" }, 'shards is "4"; it is a whole number from 1 on.'],
    [
      "a ratio in quotes",
      "FeatureMonitoring",
      { lateRatio: "0.5" },
      'lateRatio is "0.5"; it is a number from',
    ],
    [
      "a table's name",
      "FeatureTable",
      { table: "t" },
      'FeatureTable Test/It: table is "t"; it is a table: a FeatureTable\'s .table, or',
    ],
    ["a table's name, of the API", "InferenceApi", { table: "t" }, 'InferenceApi Test/It: table is "t"'],
    ["no table", "Aggregator", { table: undefined }, "Aggregator Test/It: table is not given; it is a table"],
    [
      "a stream's ARN",
      "FeaturePipeline",
      { streams: { orders: ARN } },
      `FeaturePipeline Test/It: streams.orders is "${ARN}"; it is a stream: Stream.fromStreamArn(`,
    ],
    [
      "a stream's ARN with a switch",
      "FeaturePipeline",
      { streams: { orders: { stream: ARN } } },
      `streams.orders is "${ARN}"`,
    ],
    [
      "no streams",
      "LossMarker",
      { streams: undefined },
      "LossMarker Test/It: streams are not given; write an object",
    ],
    [
      "no definitions",
      "FeaturePipeline",
      { definitions: undefined },
      "definitions are not given; give the module's path, or",
    ],
    [
      "no definitions, of one source",
      "EventStream",
      { definitions: undefined },
      "definitions are not given; give the module's path, or",
    ],
    ["no stream", "EventHistory", { stream: undefined }, "EventHistory Test/It: stream is not given"],
    [
      "a bucket's name",
      "FeaturePipeline",
      { bucket: "lake" },
      'FeaturePipeline Test/It: bucket is "lake"; it is a bucket: Bucket.fromBucketName(',
    ],
    [
      "a window in seconds",
      "Aggregator",
      { batchingWindow: 5 },
      "batchingWindow is 5; it is a Duration, such as Duration.seconds(5).",
    ],
    [
      "a window past Lambda's",
      "Aggregator",
      { batchingWindow: Duration.minutes(6) },
      "batchingWindow is 6m; it is from 0ms to 5m.",
    ],
    [
      "a timeout in seconds",
      "FeaturePipeline",
      { api: { timeout: 30 } },
      "InferenceApi Test/It/Api: timeout is 30; it is a Duration",
    ],
    [
      "a timeout past Lambda's",
      "Aggregator",
      { timeout: Duration.minutes(16) },
      "timeout is 16m; it is from 1s to 15m.",
    ],
    ["a limit as text", "InferenceApi", { latencyLimit: "1s" }, 'latencyLimit is "1s"; it is a Duration'],
    [
      "a limit of none",
      "InferenceApi",
      { latencyLimit: Duration.millis(0) },
      "latencyLimit is 0ms; it is 1ms at least.",
    ],
    [
      "an interval past Firehose's",
      "EventHistory",
      { bufferingInterval: Duration.minutes(20) },
      "bufferingInterval is 20m; it is from 0ms to 15m.",
    ],
  ])("refuses %s", (_, name, more, told) => {
    expect(built(name, more)).toThrow(told);
  });

  it.each([
    FeaturePipeline,
    EventStream,
    Aggregator,
    EventHistory,
    LossMarker,
    InferenceApi,
    FeatureMonitoring,
  ])("of %o must be given", (Part: new (stack: Stack, id: string, props: never) => unknown) => {
    for (const [given, told] of [
      [undefined, "not given"],
      [null, "null"],
    ] as const) {
      expect(() => synthesise((stack) => new Part(stack, "It", given as never))).toThrow(
        `${Part.name} Test/It: its props are ${told}; write an object.`,
      );
    }
  });

  it("say that a FeatureTable is not its table", () => {
    expect(() =>
      synthesise((stack) => BUILD.Aggregator(stack, { table: new FeatureTable(stack, "Features") })),
    ).toThrow("Aggregator Test/It: table is a FeatureTable; it is a table: a FeatureTable's .table, or");
  });

  it("takes a number that only the deployment knows", () => {
    const shards = Lazy.number({ produce: () => 2 });
    expect(built("EventStream", { shards })).not.toThrow();
  });
});
