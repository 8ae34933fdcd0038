import { App, Duration, Stack } from "aws-cdk-lib";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { expect, it } from "vitest";
import { estimatePipeline } from "../../lib/constructs/cost-summary.ts";
import type { FeaturePipelineProps } from "../../lib/constructs/index.ts";
import type { PipelineShape } from "../../lib/cost/index.ts";

const shape: PipelineShape = {
  sources: [{ name: "payments", retentionMs: 7 * 86_400_000, slaMs: 120_000 }],
  views: [{ id: "card@1", source: "payments", entity: ["card"], writers: "single", itemBytes: 800 }],
  readByPrediction: ["card@1"],
  models: 1,
};

/** The estimate of a pipeline with these properties. */
function estimateOf(props: Partial<FeaturePipelineProps>) {
  const load = { eventsPerSecond: 100, predictionsPerSecond: 20 };
  const estimate = estimatePipeline(
    shape,
    { definitions: "-", load, ...props },
    { heartbeats: ["payments"] },
  )!;
  const usd = (service: string, what: string) =>
    estimate.lines.find((line) => line.service === service && line.what === what)?.usd ?? 0;
  return { ...estimate, usd };
}

it("knows environments that are kept warm", () => {
  const { usd, totalUsd } = estimateOf({ api: { provisionedConcurrency: 100 } });
  // 100 x 1,769 MB for 2,628,000 s = 453,997,265.625 GB-seconds x $0.0000033334; 1,361,991.796875 are served cheaper.
  expect(usd("Lambda", "API: kept warm")).toBeCloseTo(1_513.354485, 5);
  expect(totalUsd - estimateOf({}).totalUsd).toBeCloseTo(1_505.7878, 3);
});

it("knows how long history is gathered", () => {
  // Each minute, 43,800 in a month, where it was each five.
  const { usd } = estimateOf({ history: { bufferingInterval: Duration.minutes(1) } });
  expect(usd("S3", "objects of history")).toBeCloseTo(0.219, 6);
  expect(estimateOf({}).usd("S3", "objects of history")).toBeCloseTo(0.0438, 6);
});

it("knows that the API is left out", () => {
  const { usd } = estimateOf({ api: false });
  expect(usd("Lambda", "API: requests")).toBe(0);
  expect(estimateOf({}).usd("Lambda", "API: requests")).toBeCloseTo(20 * 2.628 * 0.2, 6);
});

it("knows which streams exist already", () => {
  const stack = new Stack(new App(), "Stack");
  const stream = Stream.fromStreamArn(stack, "Own", "arn:aws:kinesis:eu-west-1:123456789012:stream/own");
  for (const given of [stream, { stream, heartbeats: true }]) {
    const { services } = estimateOf({ streams: { payments: given } });
    expect(services.map(({ service }) => service)).not.toContain("Kinesis");
  }
  expect(estimateOf({}).usd("Kinesis", "streams")).toBeCloseTo(29.2, 6);
});
