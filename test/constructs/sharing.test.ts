import { type Environment, Stack } from "aws-cdk-lib";
import { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, it } from "vitest";
import { FeaturePipeline, type FeaturePipelineProps, LossMarker } from "../../lib/constructs/index.ts";
import { FLIGHTS, ORDERS, READINGS, synthesise } from "./fixtures/synthesise.ts";

const streamArn = (name: string) => `arn:aws:kinesis:eu-west-1:123456789012:stream/${name}`;
const streamOf = (stack: Stack, name: string) =>
  Stream.fromStreamArn(stack, `Stream-${name}`, streamArn(name));

describe("one stream for two sources", () => {
  const ONE_STREAM =
    /^(FeaturePipeline Test\/Pipeline|LossMarker Test\/Losses): streams gives the sources arrivals and departures one stream, "flights"; a stream/;

  it("is refused by a pipeline", () => {
    for (const given of ["flights", "others"]) {
      const build = (stack: Stack) =>
        new FeaturePipeline(stack, "Pipeline", {
          definitions: FLIGHTS,
          streams: {
            arrivals: Stream.fromStreamArn(stack, "One", streamArn("flights")),
            departures: { stream: Stream.fromStreamArn(stack, "Other", streamArn(given)) },
          },
        });
      if (given === "others") synthesise(build);
      else expect(() => synthesise(build)).toThrow(ONE_STREAM);
    }
  });

  it("is refused by what marks losses, which tells sources by their streams", () => {
    expect(() =>
      synthesise((stack) => {
        const stream = streamOf(stack, "flights");
        return new LossMarker(stack, "Losses", {
          definitions: FLIGHTS,
          streams: { arrivals: stream, departures: stream },
          table: TableV2.fromTableName(stack, "Table", "features"),
          bucket: Bucket.fromBucketName(stack, "Bucket", "data"),
        });
      }),
    ).toThrow(ONE_STREAM);
  });
});

describe("two pipelines of an app", () => {
  type Props = (stack: Stack) => Partial<FeaturePipelineProps>;
  const LEAN = { api: false, monitoring: false, history: false } as const;

  const two =
    (one: Props, other: Props, envs: readonly (Environment | undefined)[] = []) =>
    () =>
      synthesise(
        (first) => {
          const second = new Stack(first.node.root, "Second", envs[1] === undefined ? {} : { env: envs[1] });
          new FeaturePipeline(first, "One", { definitions: ORDERS, ...LEAN, ...one(first) });
          new FeaturePipeline(second, "Two", { definitions: ORDERS, ...LEAN, ...other(second) });
        },
        envs[0] === undefined ? {} : { env: envs[0] },
      );

  const named =
    (name: string): Props =>
    (stack) => ({ table: TableV2.fromTableName(stack, "Table", name) });
  const ONE_TABLE =
    /Test\/One\/Source-orders\/Aggregator and Second\/Two\/Source-orders\/Aggregator fold view card@1 into one table/;

  it("may not fold a view of one name and version into one table, by name or as it is", () => {
    expect(two(named("features"), named("features"))).toThrow(ONE_TABLE);
    let table: FeaturePipelineProps["table"];
    const shared: Props = (stack) => {
      table ??= new FeaturePipeline(stack, "Owner", { definitions: READINGS, ...LEAN }).table.table;
      return { table };
    };
    expect(two(shared, shared)).toThrow(ONE_TABLE);
  });

  it("may have tables of one name in two regions, or of two names", () => {
    const account = "123456789012";
    const here = { account, region: "eu-west-1" };
    const there = { account, region: "us-east-1" };
    two(named("features"), named("features"), [here, there])();
    expect(two(named("features"), named("features"), [here, here])).toThrow(ONE_TABLE);
    two(named("features"), named("others"))();
  });

  it("may be the same in two stacks, each with a table and a bucket of its own", () => {
    expect(() =>
      synthesise((first) => {
        for (const stack of [first, new Stack(first.node.root, "Second")])
          new FeaturePipeline(stack, "Fraud", { definitions: ORDERS, api: false, monitoring: false });
      }),
    ).not.toThrow();
  });

  it("may fold other views of other sources into one table", () => {
    two(named("features"), (stack) => ({ ...named("features")(stack), definitions: READINGS }))();
  });

  it("may not list two streams' shards under one source's name", () => {
    expect(two(named("features"), named("features"))).toThrow(/fold source orders into one table/);
    const same: Props = (stack) => ({
      ...named("features")(stack),
      streams: { orders: streamOf(stack, "s") },
    });
    expect(two(same, same)).toThrow(ONE_TABLE);
    expect(two(same, same)).not.toThrow(/source orders/);
  });

  it("may not keep a source of one name below one prefix of a bucket", () => {
    const bucket = (name: string, history: FeaturePipelineProps["history"] = {}): Props => {
      return (stack) => ({ bucket: Bucket.fromBucketName(stack, "Bucket", name), history: history! });
    };
    expect(two(bucket("data"), bucket("data"))).toThrow(
      /Test\/One\/Source-orders\/History and Second\/Two\/Source-orders\/History keep events below history\/orders\/ of one bucket/,
    );
    two(bucket("data"), bucket("others"))();
    two(bucket("data"), bucket("data", false))();
    two(bucket("data"), (stack) => ({ ...bucket("data")(stack), definitions: READINGS }))();
  });
});
