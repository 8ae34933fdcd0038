import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { View } from "../../lib/define/types.ts";
import { itemBounds } from "../../lib/engine/bounds.ts";
import { foldEvents } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import { foldInBatches, oracleRecords, START_MS, sourceEvents, WRITER } from "./fold-fixtures.ts";
import {
  DAY_MS,
  featureOf,
  HOUR_MS,
  lifetime,
  MINUTE_MS,
  paymentsSource,
  paymentsView,
  sliding,
  tumbling,
} from "./view-fixtures.ts";

const views: Readonly<Record<string, View>> = {
  "one short window": paymentsView([sliding(5 * MINUTE_MS)]),
  "three levels": paymentsView([sliding(5 * MINUTE_MS), sliding(HOUR_MS), sliding(DAY_MS)]),
  "a fine level longer than a coarse one": paymentsView([
    sliding(6 * HOUR_MS, 5 * MINUTE_MS),
    sliding(2 * HOUR_MS, HOUR_MS),
  ]),
  "tumbling, lifetime, lateness": paymentsView([tumbling(HOUR_MS, "closed"), lifetime], {
    allowedLatenessMs: 2 * HOUR_MS,
    dedup: { horizonMs: HOUR_MS, count: 4 },
  }),
  "no event ids": paymentsView([sliding(HOUR_MS)], { source: paymentsSource({ eventId: null }) }),
};

/** A record in every second, so that every tile of every ring is filled. */
function everyTile(spanMs: number, stepMs: number) {
  return Array.from({ length: Math.floor(spanMs / stepMs) }, (_, index) => {
    const atMs = START_MS + index * stepMs;
    const row = { id: `e${index}`, card: "c1", amount: index + 0.123456, merchant: `m${index}`, at: atMs };
    return { row, eventTimeMs: atMs, arrivalMs: atMs, id: row.id };
  });
}

describe("itemBounds", () => {
  test.each(Object.entries(views))("is never passed by a folded item: %s", (_, view) => {
    const bounds = itemBounds(planView(view));
    fc.assert(
      fc.property(oracleRecords({ maxLength: 80 }), (records) => {
        const { item } = foldInBatches(view, records, [7]);
        if (item === undefined) return;
        expect(item.image.length).toBeLessThanOrEqual(bounds.imageBytes);
        expect(item.position.length).toBeLessThanOrEqual(bounds.positionBytes);
      }),
      { numRuns: 100 },
    );
  });

  test("counts rows exactly enough for rings that are full", () => {
    const counts = { name: "count", value: null, where: null, parameters: {} } as const;
    const windows = [sliding(5 * MINUTE_MS), sliding(HOUR_MS), sliding(DAY_MS)];
    const view = paymentsView([], {
      source: paymentsSource({ eventId: null }),
      features: windows.map((window, index) => featureOf(`n_${index}`, counts, window)),
    });
    const plan = planView(view);
    const bounds = itemBounds(plan);
    // Ring: (5m + 5m of slack) / 10s, + 1. Then what is older than that: (60m - 5m) / 5m + 2, (24h - 1h) / 1h + 2.
    expect(bounds.levels.map(({ rows }) => rows)).toEqual([61, 13, 25]);
    const events = sourceEvents(everyTile(25 * HOUR_MS, 10_000)).map((event) => ({
      ...event,
      hasEventId: false,
    }));
    const { item } = foldEvents({ plan, writer: WRITER, item: undefined, events });
    // A row of counts takes its tile, its length and at least a byte: 3 bytes, of all rows but the 6 that may be missing.
    const rows = 61 + 13 + 25;
    expect(item!.image.length).toBeGreaterThan(3 * (rows - 6));
    expect(item!.image.length).toBeLessThanOrEqual(bounds.imageBytes);
  });

  test("estimates a sparse item within a factor of two", () => {
    for (const view of [views["one short window"]!, views["three levels"]!]) {
      const plan = planView(view);
      const events = sourceEvents(everyTile(3 * DAY_MS, DAY_MS / 20));
      const { item } = foldEvents({ plan, writer: WRITER, item: undefined, events });
      const actual = item!.image.length + item!.position.length + 66;
      const { sparse } = itemBounds(plan);
      expect(sparse.bytes / actual).toBeGreaterThan(0.5);
      expect(sparse.bytes / actual).toBeLessThan(2);
    }
  });

  test("prices an item by whole units", () => {
    const { bound, sparse } = itemBounds(planView(views["three levels"]!));
    for (const { bytes, writeUnits, readUnits } of [bound, sparse]) {
      expect(writeUnits).toBe(Math.ceil(bytes / 1024));
      expect(readUnits).toBe(Math.ceil(bytes / 4096));
    }
  });
});
