import { describe, expect, it } from "vitest";
import { createMetricsEmitter } from "../../functions/aggregate/emit-metrics.ts";
import { openReport } from "../../lib/online/batch-report.ts";
import { emittedBy } from "./fixtures/emitted.ts";

const NOW_MS = 1_000_000;

/** A batch's report whose every count is another. */
function report({ progressArrivalMs }: { readonly progressArrivalMs: number | null }) {
  const opened = openReport({ name: "orders", clockSkewMs: 0 }, "writer", 40, ["card@1"]);
  Object.assign(opened.views["card@1"]!, {
    folded: 20,
    duplicate: 5,
    late: 4,
    excluded: 3,
    quarantined: 2,
    alreadyFolded: 6,
    unfinished: 1,
    progressArrivalMs,
  });
  Object.assign(opened.capacity, { writeUnits: 7, readUnits: 8.5, failedConditions: 9, throttles: 10 });
  return Object.assign(opened, { heartbeats: 11 });
}

const emitted = (given: ReturnType<typeof report>) =>
  emittedBy(() => createMetricsEmitter({ now: () => NOW_MS }, "Ours")(given));

describe("the aggregator's metrics", () => {
  it("tell of each view and of the source, lag in seconds", () => {
    expect(emitted(report({ progressArrivalMs: NOW_MS - 4_500 }))).toEqual([
      {
        namespace: "Ours",
        dimensions: { service: "aggregate", source: "orders", view: "card@1" },
        values: {
          Folded: "20 Count",
          Duplicate: "5 Count",
          Late: "4 Count",
          Excluded: "3 Count",
          Quarantined: "2 Count",
          AlreadyFolded: "6 Count",
          Unfinished: "1 Count",
          Lag: "4.5 Seconds",
        },
      },
      {
        namespace: "Ours",
        dimensions: { service: "aggregate", source: "orders" },
        values: {
          Records: "40 Count",
          Heartbeats: "11 Count",
          UnfinishedBatches: "0 Count",
          WriteUnits: "7 Count",
          ReadUnits: "8.5 Count",
          FailedConditions: "9 Count",
          Throttles: "10 Count",
        },
      },
    ]);
  });

  it("tell of no lag where there is no progress, and of none below zero", () => {
    expect(emitted(report({ progressArrivalMs: null }))[0]!.values).not.toHaveProperty("Lag");
    expect(emitted(report({ progressArrivalMs: NOW_MS + 1 }))[0]!.values.Lag).toBe("0 Seconds");
  });

  it("count a batch that is not finished", () => {
    const unfinished = Object.assign(report({ progressArrivalMs: null }), { failedSequenceNumber: "123" });
    expect(emitted(unfinished)[1]!.values.UnfinishedBatches).toBe("1 Count");
  });
});
