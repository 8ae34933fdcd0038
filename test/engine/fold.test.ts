import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { View } from "../../lib/define/types.ts";
import { foldEvents } from "../../lib/engine/fold.ts";
import { readFeatures, summarizeItem } from "../../lib/engine/read.ts";
import { oracleValue } from "../oracles/aggregate.ts";
import { runEntity } from "../oracles/entity.ts";
import { inWindow } from "../oracles/windows.ts";
import { expectClose } from "./expect-close.ts";
import { foldInBatches, oracleRecords, sourceEvents, WRITER, withIdentities } from "./fold-fixtures.ts";
import {
  DAY_MS,
  HOUR_MS,
  lifetime,
  MINUTE_MS,
  paymentsSource,
  paymentsView,
  sliding,
  tumbling,
} from "./view-fixtures.ts";

/** Views whose windows age out through one, two and three levels, end at none, and never end. */
const views: Readonly<Record<string, View>> = {
  "5m, 1h and 24h sliding": paymentsView([sliding(5 * MINUTE_MS), sliding(HOUR_MS), sliding(DAY_MS)]),
  "one window": paymentsView([sliding(10 * MINUTE_MS)]),
  "a fine hop under a long window": paymentsView([sliding(HOUR_MS, HOUR_MS), sliding(DAY_MS, 5 * MINUTE_MS)]),
  "sliding and tumbling": paymentsView([
    sliding(HOUR_MS),
    tumbling(HOUR_MS, "current"),
    tumbling(HOUR_MS, "closed"),
  ]),
  "sliding and lifetime": paymentsView([sliding(HOUR_MS), lifetime, tumbling(DAY_MS, "closed")]),
  "lateness allowed, few ids kept": paymentsView([sliding(5 * MINUTE_MS), sliding(3 * HOUR_MS)], {
    allowedLatenessMs: 30 * MINUTE_MS,
    dedup: { horizonMs: 2 * HOUR_MS, count: 3 },
  }),
  "no event id, a filter of its own": paymentsView([sliding(HOUR_MS)], {
    source: paymentsSource({ eventId: null }),
    where: { kind: "function", test: (row) => row.merchant !== "m3" },
  }),
};

describe.each(Object.entries(views))("%s", (_, view) => {
  it("answers what a recount of the raw events answers, at any as-of time that may be read", () => {
    fc.assert(
      fc.property(
        oracleRecords(),
        fc.nat({ max: 2_000_000 }),
        fc.array(fc.nat({ max: 5 }), { minLength: 1 }),
        (drawn, ahead, sizes) => {
          const records = withIdentities(
            view.source.eventId === null ? drawn.map((each) => ({ ...each, id: undefined })) : drawn,
          );
          const { plan, item, outcomes } = foldInBatches(view, records, sizes);
          const oracle = runEntity(view, records);
          expect(outcomes).toEqual(oracle.outcomes);

          const newest = oracle.newestMs ?? records.at(-1)!.arrivalMs;
          // From as far back as reads reach to half an hour on, and past every window.
          const edge = oracle.expiresAtMs ?? newest;
          for (const asOfMs of [newest - plan.slackMs + ahead, newest, newest + ahead * 40, edge, edge + 1]) {
            const expired = oracle.expiresAtMs !== null && asOfMs > oracle.expiresAtMs;
            const reading = readFeatures(plan, [{ writer: WRITER, image: item!.image }], asOfMs);
            expect(reading.known).toBe(!expired);
            plan.features.forEach(({ feature }, index) => {
              const within = oracle.events.filter((event) =>
                inWindow(feature.window, event.eventTimeMs, asOfMs),
              );
              const magnitude = within.reduce((sum, event) => sum + Math.abs(Number(event.row.amount)), 0);
              expectClose({
                name: feature.name,
                actual: reading.values[index],
                expected: oracleValue(feature.aggregation, within),
                magnitude,
              });
            });
          }
        },
      ),
      { numRuns: 1_000, seed: 20260105 },
    );
  });

  it("leaves the same bytes however the records are batched (R1)", () => {
    fc.assert(
      fc.property(
        oracleRecords({ maxLength: 120 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (records, sizes) => {
          const whole = foldInBatches(view, records, [10_000]);
          for (const batches of [[1], [7], [100], sizes]) {
            const batched = foldInBatches(view, records, batches);
            expect(batched.item).toEqual(whole.item);
            expect(batched.outcomes).toEqual(whole.outcomes);
          }
        },
      ),
      { numRuns: 300, seed: 20260106 },
    );
  });

  it("drops what is at or below its position, and nothing else (R2)", () => {
    fc.assert(
      fc.property(oracleRecords(), fc.nat(), fc.nat(), (records, cut, back) => {
        const { plan, item: onePass } = foldInBatches(view, records, [10_000]);
        const events = sourceEvents(records);
        const first = cut % (events.length + 1);
        const again = first === 0 ? 0 : back % first;
        const begun = foldEvents({ plan, writer: WRITER, item: undefined, events: events.slice(0, first) });
        const redelivered = foldEvents({
          plan,
          writer: WRITER,
          item: begun.item,
          events: events.slice(again),
        });
        expect(redelivered.item).toEqual(onePass);
        expect(redelivered.outcomes.slice(0, first - again)).toEqual(
          new Array(first - again).fill("already-folded"),
        );
        expect(redelivered.outcomes.slice(first - again)).not.toContain("already-folded");
      }),
      { numRuns: 300, seed: 20260107 },
    );
  });

  it("counts every record once: folded, duplicate, late, excluded, and what resets cleared (R12)", () => {
    fc.assert(
      fc.property(oracleRecords(), (records) => {
        const plan = foldInBatches(view, [], [1]).plan;
        const { item, outcomes, cleared } = foldEvents({
          plan,
          writer: WRITER,
          item: undefined,
          events: sourceEvents(records),
        });
        const { counts } = summarizeItem(plan, item!.image);
        for (const name of ["folded", "duplicate", "late", "excluded"] as const) {
          expect(counts[name] + (cleared?.[name] ?? 0), name).toBe(
            outcomes.filter((outcome) => outcome === name).length,
          );
        }
      }),
      { numRuns: 300, seed: 20260108 },
    );
  });
});
