import { describe, expect, test } from "vitest";
import { createReplayMeter } from "../../../examples/flights/replay/meter.ts";
import { spreadOf } from "../../../examples/statistics/spread.ts";
import { openReport, zeroOutcomes } from "../../../lib/online/batch-report.ts";

const counts = { folded: 0, duplicate: 0, late: 0, excluded: 0, dedupOverflow: 0 };

function report(progressArrivalMs: number | null, records = 5, heartbeats = 0) {
  const open = openReport({ name: "departures", clockSkewMs: 0 }, "w", records, ["a@1"]);
  open.heartbeats = heartbeats;
  open.views["a@1"] = { ...zeroOutcomes(), folded: records - heartbeats, progressArrivalMs };
  open.capacity.writeUnits = 3;
  open.capacity.readUnits = 1.5;
  return open;
}

describe("the meter of a replay", () => {
  test("measures from the put of a batch's last record", () => {
    let nowMs = 0;
    const meter = createReplayMeter(() => nowMs);
    meter.putting(1000);
    nowMs = 10;
    meter.putting(2000);
    nowMs = 25;
    meter.report(report(999));
    meter.report(report(1000));
    // Heartbeats alone, and a view that has folded nothing, tell nothing.
    meter.report(report(1500, 2, 2));
    meter.report(report(null));
    expect(meter.lagsMs).toEqual([25, 15]);
  });

  test("adds up outcomes, units, and what expired items took along", () => {
    const meter = createReplayMeter(() => 0);
    const first = report(1);
    first.views["a@1"]!.cleared = { ...counts, folded: 2, late: 1 };
    const second = report(2);
    second.views["a@1"]!.cleared = { ...counts, folded: 3, duplicate: 4 };
    meter.report(first);
    meter.report(second);
    meter.report(report(3));
    expect(meter.outcomes.folded).toBe(15);
    expect(meter.capacity).toEqual({ writeUnits: 9, readUnits: 4.5 });
    expect(meter.cleared.get("a@1")).toEqual({ folded: 5, duplicate: 4, late: 1 });
  });
});

describe("a spread", () => {
  test("is the value at rank floor(p (n - 1))", () => {
    expect(spreadOf([])).toEqual({ p50: null, p99: null });
    expect(spreadOf([7])).toEqual({ p50: 7, p99: 7 });
    expect(spreadOf([5, 1, 4, 2, 3, 6])).toEqual({ p50: 3, p99: 5 });
  });
});
