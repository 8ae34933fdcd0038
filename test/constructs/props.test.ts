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
    new FeatureMonitoring(stack, "It", {
      aggregators: [],
      table: new FeatureTable(stack, "Features"),
      ...more,
    }),
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
    [
      "a group of a pipeline's",
      "FeaturePipeline",
      { api: { cros: {} } },
      'FeaturePipeline Test/It: api has no "cros" (did you mean "cors"?); allowed: "memorySize", ',
    ],
    [
      "in a group what the pipeline gives itself",
      "FeaturePipeline",
      { aggregator: { table: {} } },
      'FeaturePipeline Test/It: aggregator has no "table"; allowed: "memorySize", "timeout", ',
    ],
    [
      "beside an existing stream what is not its",
      "FeaturePipeline",
      { streams: { orders: { stream: { streamArn: ARN }, shards: 2 } } },
      'FeaturePipeline Test/It: streams.orders has no "shards"; allowed: "stream" and "heartbeats".',
    ],
    [
      "a switch in quotes",
      "EventStream",
      { heartbeats: "no" },
      'EventStream Test/It: heartbeats is "no"; it is true or false.',
    ],
    [
      "an unknown guard",
      "FeaturePipeline",
      { api: { authType: "none" } },
      'InferenceApi Test/It/Api: authType is "none"; it is one of AWS_IAM, NONE.',
    ],
    [
      "other origins that are none",
      "FeaturePipeline",
      { api: { cors: true } },
      'InferenceApi Test/It/Api: cors is true; it is an object, such as { allowedOrigins: ["https://example.com"] }.',
    ],
    [
      "alarm actions that are no list",
      "FeaturePipeline",
      { monitoring: { alarmActions: "arn" } },
      'FeatureMonitoring Test/It/Monitoring: alarmActions is "arn"; it is a list of alarm actions, such as [new SnsAction(topic)].',
    ],
    [
      "an alarm action that is none",
      "FeatureMonitoring",
      { alarmActions: ["arn"] },
      'FeatureMonitoring Test/It: alarmActions[0] is "arn"; it is an alarm action, such as new SnsAction(topic).',
    ],
    ["a misspelt switch", "EventStream", { heartbeat: true }, 'has no "heartbeat"'],
    [
      "a load's",
      "FeaturePipeline",
      { load: { eventPerSecond: 1 } },
      'FeaturePipeline Test/It: load has no "eventPerSecond" (did you mean',
    ],
    [
      "no shards",
      "EventStream",
      { shards: 0 },
      'EventStream Test/It: shards is 0; it is "on-demand", or a whole number from 1 on.',
    ],
    ["half a shard", "FeaturePipeline", { stream: { shards: 1.5 } }, "shards is 1.5"],
    ["a batch past Lambda's", "Aggregator", { batchSize: 20_000 }, "from 1 to 10000."],
    ["memory past Lambda's", "InferenceApi", { memorySize: 64 }, "from 128 to 10240."],
    ["environments below none", "InferenceApi", { provisionedConcurrency: -1 }, "from 1 on."],
    ["a ratio that is none", "FeatureMonitoring", { lateRatio: 20 }, "it is a number from 0 to 1."],
    ["an unknown format", "EventHistory", { format: "csv" }, "it is one of parquet, json."],
    ["an unknown deployment", "InferenceApi", { deployment: "canry" }, "it is one of canary, all-at-once."],
    ["units below one", "FeatureTable", { maxWriteUnits: 0 }, "maxWriteUnits is 0"],
    [
      "a number in quotes",
      "EventStream",
      { shards: "4" },
      'shards is "4"; it is "on-demand", or a whole number from 1 on.',
    ],
    [
      "a misspelt on-demand",
      "FeaturePipeline",
      { stream: { shards: "ondemand" } },
      'shards is "ondemand"; it is "on-demand", or',
    ],
    [
      "a load of a source that there is not",
      "FeaturePipeline",
      { load: { eventsPerSecond: { order: 1 }, predictionsPerSecond: 1 } },
      'FeaturePipeline Test/It: load: eventsPerSecond names the source "order"; there are orders.',
    ],
    [
      "a source that there is not",
      "Aggregator",
      { source: "order" },
      'Aggregator Test/It: there is no source "order" in ',
    ],
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
      "FeaturePipeline Test/It: definitions are not given; give the module's path, or",
    ],
    [
      "no definitions, of one source",
      "EventStream",
      { definitions: undefined },
      "EventStream Test/It: definitions are not given; give the module's path, or",
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
      "a window of half a second",
      "Aggregator",
      { batchingWindow: Duration.millis(500) },
      "batchingWindow is 500ms; it is of whole seconds.",
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

  it.each<[string, unknown, string]>([
    ["stream", "on-demand", '"shards".'],
    ["aggregator", 5, '"memorySize", "timeout", "batchSize", "batchingWindow" and "filters".'],
    ["aggregator", false, '"memorySize", "timeout", "batchSize", "batchingWindow" and "filters".'],
    ["history", true, '"format" and "bufferingInterval", or false.'],
    ["history", null, '"format" and "bufferingInterval", or false.'],
    ["api", "yes", '"deployment" and "latencyLimit", or false.'],
    ["monitoring", "none", '"alarmActions", "lateRatio" and "duplicateRatio", or false.'],
    ["load", 100, '"eventsPerSecond", "predictionsPerSecond", "eventBytes" and "entities".'],
  ])("refuses a pipeline's %s that is %j", (group, given, allowed) => {
    const message = new RegExp(
      `^FeaturePipeline Test/It: ${group} is ${JSON.stringify(given)}; it is an object of .*`,
    );
    expect(built("FeaturePipeline", { [group]: given })).toThrow(message);
    expect(built("FeaturePipeline", { [group]: given })).toThrow(allowed);
  });

  it.each<[unknown, string]>([
    [5, "are 5"],
    [[], "are an Array"],
    [new Map(), "are a Map"],
  ])("refuses a pipeline's streams that are %o", (streams, told) => {
    expect(built("FeaturePipeline", { streams })).toThrow(
      `FeaturePipeline Test/It: streams ${told}; write an object of streams by source name.`,
    );
  });

  it("say that an EventStream is not its stream", () => {
    expect(() =>
      synthesise((stack) => {
        const orders = new EventStream(stack, "Events", { definitions, source });
        BUILD.FeaturePipeline(stack, { streams: { orders } });
      }),
    ).toThrow(
      "FeaturePipeline Test/It: streams.orders is an EventStream; it is a stream: Stream.fromStreamArn(",
    );
  });

  it.each<[object, string]>([
    [{ aggregators: undefined }, "aggregators is not given; it is a list of instances of Aggregator."],
    [{ aggregators: 5 }, "aggregators is 5; it is a list of instances of Aggregator."],
    [{ aggregators: ["orders"] }, 'aggregators[0] is "orders"; it is an instance of Aggregator.'],
    [{ streams: {} }, "streams is an Object; it is a list of instances of EventStream."],
    [{ streams: [undefined] }, "streams[0] is not given; it is an instance of EventStream."],
    [{ histories: "orders" }, 'histories is "orders"; it is a list of instances of EventHistory.'],
    [{ losses: true }, "losses is true; it is an instance of LossMarker."],
    [{ table: "features" }, 'table is "features"; it is an instance of FeatureTable.'],
    [{ api: false }, "api is false; it is an instance of InferenceApi."],
  ])("of FeatureMonitoring are the kit's parts: %o is refused", (given, told) => {
    expect(built("FeatureMonitoring", given)).toThrow(`FeatureMonitoring Test/It: ${told}`);
  });

  it("of FeatureMonitoring say that a table is not its FeatureTable, nor a stream its EventStream", () => {
    expect(() => synthesise((stack) => BUILD.FeatureMonitoring(stack, { streams: [stream(stack)] }))).toThrow(
      "FeatureMonitoring Test/It: streams[0] is an Import; it is an instance of EventStream.",
    );
    expect(() => synthesise((stack) => BUILD.FeatureMonitoring(stack, { table: table(stack) }))).toThrow(
      "FeatureMonitoring Test/It: table is an Import; it is an instance of FeatureTable.",
    );
  });

  it("of FeatureMonitoring name something that is watched", () => {
    expect(() =>
      synthesise((stack) => new FeatureMonitoring(stack, "It", { aggregators: [], streams: [] })),
    ).toThrow(
      "FeatureMonitoring Test/It: nothing is given to be watched: aggregators, streams, histories, losses, table and api are empty or left out.",
    );
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
