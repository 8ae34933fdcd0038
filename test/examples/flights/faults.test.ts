import { beforeAll, describe, expect, test } from "vitest";
import { RECOUNTED_VIEW_NAMES } from "../../../examples/flights/check/recount-views.ts";
import { judgeAll } from "../../../examples/flights/check/verdicts.ts";
import { verifyCounts } from "../../../examples/flights/check/verify-counts.ts";
import { deliverWithFaults } from "../../../examples/flights/deliver/deliver-events.ts";
import type { Deliveries } from "../../../examples/flights/deliver/delivery.ts";
import { eventsOf } from "../../../examples/flights/events.ts";
import { MINUTE_MS } from "../../../examples/flights/flights.ts";
import { type ReplayResult, replayOnce } from "../../../examples/flights/once.ts";
import type { CountedView } from "../../../examples/flights/summary/count-views.ts";

const range = { fromMs: Date.UTC(2001, 2, 5, 7), endMs: Date.UTC(2001, 2, 5, 7, 40) };

describe("a replay of forty minutes with faults", () => {
  let result: ReplayResult;

  beforeAll(async () => {
    const options = {
      once: true,
      range,
      shards: 3,
      json: false,
      dump: null,
      log: null,
      port: 0,
      quiet: true,
    };
    const proofSize = { moments: 5, entitiesAMoment: 80 };
    result = (await replayOnce(
      { ...options, faultSeed: 7, resume: null },
      new AbortController().signal,
      proofSize,
    ))!;
  }, 300_000);

  test("differs nowhere from the recount", () => {
    expect(result.differences).toEqual([]);
    expect(result.summary.ok).toBe(true);
  });

  test("says what it injected, every kind of it", () => {
    const { faults } = result.summary;
    expect(faults!.seed).toBe(7);
    for (const [kind, count] of Object.entries(faults!.injected)) expect(count, kind).toBeGreaterThan(0);
  });

  test("ends every record in one of the four counts, and every quarantined one under a reason", () => {
    const { events, views } = result.summary;
    const streams = { departures: ["origin_departures@1", "route_departures@1"] };
    for (const [view, { put, folded, duplicate, late, quarantined, reasons }] of Object.entries(views)) {
      const stream = streams.departures.includes(view) ? "departures" : "arrivals";
      expect(put).toBe(events[stream]);
      expect(folded + duplicate + late + quarantined).toBe(put);
      expect(Math.min(duplicate, quarantined), view).toBeGreaterThan(0);
      expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(quarantined);
      for (const reason of ["future", "malformed", "wrong-partition-key"]) {
        expect(reasons[reason], `${view} ${reason}`).toBeGreaterThan(0);
      }
    }
    // An item that begins with an old event is not late with it: the network is never so quiet.
    expect(views["network@1"]!.late).toBeGreaterThan(0);
  });
});

describe("the comparison of counts", () => {
  const deliveries: Deliveries = deliverWithFaults(
    eventsOf(
      Array.from({ length: 400 }, (_, row) => ({
        row,
        scheduledMs: range.fromMs + (row % 40) * MINUTE_MS,
        delay: row % 30,
        distance: 300,
        origin: "AAA",
        destination: "BBB",
      })),
      range,
    ),
    range,
    { seed: 1, shards: 2 },
  );
  const verdicts = judgeAll(deliveries, 2);
  const right = (): Map<string, CountedView> =>
    new Map(
      RECOUNTED_VIEW_NAMES.map((view) => {
        const { held, total, quarantined, reasons } = verdicts[view];
        const put = total.folded + total.duplicate + total.late + quarantined;
        const counts = { put, ...total, quarantined, reasons: { ...reasons } };
        const cleared = { folded: 0, duplicate: 0, late: 0 };
        return [view, { id: `${view}@1`, counts, held, cleared, lateEntries: total.late }];
      }),
    );
  const differences = (counted: ReadonlyMap<string, CountedView>): readonly string[] => {
    const found: string[] = [];
    verifyCounts(counted, verdicts, (subject, expected, actual) => {
      if (expected !== actual) found.push(subject);
    });
    return found;
  };

  test("finds nothing where nothing is wrong", () => {
    expect(differences(right())).toEqual([]);
  });

  test.each<readonly [string, (view: CountedView) => CountedView]>([
    ["folded in the items", (view) => ({ ...view, held: { ...view.held, folded: view.held.folded + 1 } })],
    ["duplicate in the items", (view) => ({ ...view, held: { ...view.held, duplicate: 0 } })],
    ["late in the items", (view) => ({ ...view, held: { ...view.held, late: view.held.late + 1 } })],
    ["late in expired items", (view) => ({ ...view, cleared: { ...view.cleared, late: 1 } })],
    ["in the late channel", (view) => ({ ...view, lateEntries: view.lateEntries + 1 })],
    ["quarantined", (view) => ({ ...view, counts: { ...view.counts, quarantined: 0 } })],
    ["quarantined as schema", (view) => reasonsOf(view, { schema: 99 })],
    ["quarantined as item-full", (view) => reasonsOf(view, { "item-full": 1 })],
    ["in all", (view) => ({ ...view, counts: { ...view.counts, put: view.counts.put - 1 } })],
  ])("finds a view that has another count %s", (where, change) => {
    const counted = right();
    counted.set("origin_departures", change(counted.get("origin_departures")!));
    expect(differences(counted)).toContain(`origin_departures ${where}`);
  });
});

function reasonsOf(view: CountedView, reasons: Record<string, number>): CountedView {
  return { ...view, counts: { ...view.counts, reasons: { ...view.counts.reasons, ...reasons } } };
}
