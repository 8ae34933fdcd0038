import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { shapeOfDefinitions } from "../../bin/cost/shape-of-definitions.ts";
import { FeaturePipeline } from "../../lib/constructs/index.ts";
import { estimateCost, type Load, US_EAST_1 } from "../../lib/cost/index.ts";
import { ALARM_METRICS_A_VIEW } from "../../lib/cost/services/monitoring.ts";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { FLIGHTS, synthesise } from "../constructs/fixtures/synthesise.ts";

/** What the estimate counts is what FeaturePipeline makes. */
it.each([
  ["with history", {}],
  ["without", { history: false }],
  ["without the API", { api: false }],
  ["without alarms but the API's own", { monitoring: false }],
  ["without any", { monitoring: false, api: false }],
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
    ...("api" in props ? { api: false } : {}),
    ...("monitoring" in props ? { monitoring: false } : {}),
  };
  const { lines } = estimateCost({
    shape: shapeOfDefinitions(await loadDefinitions(FLIGHTS, { lock: "verify" })),
    load,
  });
  const counted = lines.find(({ what }) => what === "alarms")?.quantity ?? 0;
  expect(counted).toBe(synthesised);
});

it("docs/operating.md says what the alarms of a view cost", async () => {
  const page = await readFile(new URL("../../docs/operating.md", import.meta.url), "utf8");
  expect(page).toContain(
    `an alarm is paid for by the metric that it looks at, ${US_EAST_1.prices.cloudwatchAlarmMonth.usd.toFixed(2)} USD a month: ${ALARM_METRICS_A_VIEW} a view`,
  );
});
