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
  const estimate = estimatePipeline(shape, { definitions: "-", load, ...props }, { hasHeartbeats: true })!;
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
