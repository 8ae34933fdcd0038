import { expect, it } from "vitest";
import { createHistoryMetrics } from "../../functions/history-transform/emit-metrics.ts";
import { createLossMetrics } from "../../functions/mark-losses/emit-metrics.ts";
import { emittedBy } from "./fixtures/emitted.ts";

it("the history's metrics tell what became of a batch's records, by source", () => {
  const report = createHistoryMetrics({ FRESHET_METRICS_NAMESPACE: "Ours" });
  expect(
    emittedBy(() => report({ source: "orders", kept: 5, rejected: 4, heartbeats: 3, withoutPosition: 2 })),
  ).toEqual([
    {
      namespace: "Ours",
      dimensions: { service: "history-transform", source: "orders" },
      values: { Kept: "5 Count", Rejected: "4 Count", Heartbeats: "3 Count", WithoutPosition: "2 Count" },
    },
  ]);
});

it("the loss marker's metrics tell of a batch and its records, by source", () => {
  const report = createLossMetrics({});
  expect(
    emittedBy(() =>
      report({ source: "orders", shardId: "shardId-000000000000", records: 17, views: ["card@1"] }),
    ),
  ).toEqual([
    {
      namespace: "Freshet",
      dimensions: { service: "mark-losses", source: "orders" },
      values: { LostBatches: "1 Count", LostRecords: "17 Count" },
    },
  ]);
});
