import { Duration } from "aws-cdk-lib";
import { expect, it } from "vitest";
import { costSummary, estimatePipeline } from "../../lib/constructs/cost-summary.ts";
import type { FeaturePipelineProps } from "../../lib/constructs/index.ts";
import type { PipelineShape } from "../../lib/cost/index.ts";

const shape: PipelineShape = {
  sources: [{ name: "orders", retentionMs: 7 * 86_400_000, slaMs: 120_000 }],
  views: [{ id: "card@1", source: "orders", entity: ["card"], writers: "single", itemBytes: 800 }],
  readByPrediction: ["card@1"],
  models: 1,
};
const load = { eventsPerSecond: 100, predictionsPerSecond: 20, eventBytes: 300, entities: 5_000 };

const estimate = (props: Partial<FeaturePipelineProps> = {}) =>
  estimatePipeline(shape, { definitions: "-", load, ...props }, { heartbeats: ["orders"] })!;

it("prices what is deployed: every option that moves the cost", () => {
  expect(
    estimate({
      stream: { shards: 3 },
      aggregator: { memorySize: 2048, batchSize: 500, batchingWindow: Duration.seconds(20) },
      history: { format: "json", bufferingInterval: Duration.minutes(10) },
      api: { memorySize: 3008, provisionedConcurrency: 4 },
      monitoring: false,
    }).load,
  ).toMatchObject({
    eventsPerSecond: { orders: 100 },
    predictionsPerSecond: 20,
    eventBytes: 300,
    entities: 5_000,
    shards: 3,
    aggregatorMemoryMb: 2048,
    batchSize: 500,
    batchingWindowSeconds: 20,
    history: "json",
    bufferingIntervalSeconds: 600,
    apiMemoryMb: 3008,
    provisionedConcurrency: 4,
    monitoring: false,
    heartbeats: ["orders"],
  });
});

it("prices the constructs' own defaults where nothing is said", () => {
  expect(estimate().load).toMatchObject({
    shards: "on-demand",
    aggregatorMemoryMb: 1024,
    batchSize: 1000,
    batchingWindowSeconds: 1,
    history: "parquet",
    bufferingIntervalSeconds: 300,
    apiMemoryMb: 1769,
    provisionedConcurrency: 0,
    monitoring: true,
  });
});

it("is told in lines: the whole, the services, and what would lower it most", () => {
  const cost = estimate();
  const [whole, services, ...savings] = costSummary(cost).split("\n");
  expect(whole).toContain(
    `about ${cost.totalUsd.toFixed(2)} USD a month for 100 events/s and 20 predictions/s`,
  );
  for (const { service, usd } of cost.services)
    expect(services).toContain(`${service} ${usd.toFixed(2)} USD`);
  expect(savings).toEqual(
    cost.savings.slice(0, 2).map(({ usd, change }) => `${usd.toFixed(2)} USD less: ${change}`),
  );
  expect(savings.length).toBeGreaterThan(0);
});
