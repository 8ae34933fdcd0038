import { expect, it } from "vitest";
import { shapeOfDefinitions } from "../../bin/cost/shape-of-definitions.ts";
import { FeaturePipeline } from "../../lib/constructs/index.ts";
import { estimateCost, type Load } from "../../lib/cost/index.ts";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { FLIGHTS, synthesise } from "../constructs/fixtures/synthesise.ts";

/** What the estimate counts is what FeaturePipeline makes. */
it.each([
  ["with history", {}],
  ["without", { history: false }],
] as const)("counts as many metrics of alarms as are synthesised, %s", async (_, props) => {
  const { template } = synthesise(
    (stack) => new FeaturePipeline(stack, "Pipeline", { definitions: FLIGHTS, ...props }),
  );
  const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm"));
  const metricsOf = ({ Properties }: { readonly [key: string]: { Metrics?: { MetricStat?: object }[] } }) =>
    Properties!.Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
  const synthesised = alarms.reduce((sum, alarm) => sum + metricsOf(alarm), 0);

  const load: Load = {
    eventsPerSecond: 1,
    predictionsPerSecond: 1,
    ...("history" in props ? { history: "none" } : {}),
  };
  const { lines } = estimateCost({
    shape: shapeOfDefinitions(await loadDefinitions(FLIGHTS, { lock: "verify" })),
    load,
  });
  const counted = lines.find(({ what }) => what === "alarms")!.quantity;
  expect(counted).toBe(synthesised);
});
