import { readFile } from "node:fs/promises";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { expect, it } from "vitest";
import { FeaturePipeline } from "../../lib/constructs/index.ts";
import { US_EAST_1 } from "../../lib/cost/index.ts";
import { ALARM_METRICS_A_VIEW } from "../../lib/cost/services/monitoring.ts";
import { FLIGHTS, synthesise } from "../constructs/fixtures/synthesise.ts";

/** What the estimate counts is what FeaturePipeline makes. */
it.each([
  ["with history", {}, false],
  ["without", { history: false }, false],
  ["without the API", { api: false }, false],
  ["without alarms but the API's own", { monitoring: false }, false],
  ["without any", { monitoring: false, api: false }, false],
  ["with a stream of another's, which is sent no heartbeats", {}, true],
] as const)("counts as many metrics of alarms as are synthesised, %s", (_, props, withOwn) => {
  const load = { eventsPerSecond: 1, predictionsPerSecond: 1 };
  const { template, built } = synthesise((stack) => {
    const arrivals = Stream.fromStreamArn(stack, "Own", "arn:aws:kinesis:eu-west-1:123456789012:stream/own");
    const streams = withOwn ? { arrivals } : {};
    return new FeaturePipeline(stack, "Pipeline", { definitions: FLIGHTS, load, streams, ...props });
  });
  const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm"));
  const metricsOf = ({ Properties }: { readonly [key: string]: { Metrics?: { MetricStat?: object }[] } }) =>
    Properties!.Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
  const synthesised = alarms.reduce((sum, alarm) => sum + metricsOf(alarm), 0);

  const counted = built.cost!.lines.find(({ what }) => what === "alarms")?.quantity ?? 0;
  expect(counted).toBe(synthesised);
});

it("docs/operating.md says what the alarms of a view cost", async () => {
  const page = await readFile(new URL("../../docs/operating.md", import.meta.url), "utf8");
  expect(page).toContain(
    `an alarm is paid for by the metric that it looks at, ${US_EAST_1.prices.cloudwatchAlarmMonth.usd.toFixed(2)} USD a month: ${ALARM_METRICS_A_VIEW} a view`,
  );
});
