import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FreshetError } from "../../lib/define/error.ts";
import type { View } from "../../lib/define/types.ts";
import { type FoldOutcome, foldEvents, type ItemState } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import { oracleRecords, sourceEvents, WRITER } from "./fold-fixtures.ts";
import { calls, featureOf, HOUR_MS, MINUTE_MS, paymentsView, sliding } from "./view-fixtures.ts";

/** Sums before and after a value function that throws, so that an event may have half moved the row it touches. */
const view: View = paymentsView([], {
  features: [
    featureOf("before", calls.sum!, sliding(5 * MINUTE_MS)),
    {
      name: "picky",
      aggregation: {
        name: "max",
        value: {
          kind: "function",
          apply: ({ merchant, amount }) => {
            if (merchant === "m3") throw new RangeError("not m3");
            // An error of the kit's own class is no sign of an unreadable image.
            if (merchant === "m4") throw new FreshetError("DEFINITION_INVALID", "not m4");
            return amount;
          },
        },
        where: null,
        parameters: {},
      },
      window: sliding(HOUR_MS),
      whenEmpty: undefined,
    },
    featureOf("after", calls.sum!, sliding(3 * HOUR_MS)),
  ],
});
const plan = planView(view);

describe("an event on which a function of the definition throws", () => {
  it("leaves the item as it was, however the records are batched (R1, R12)", () => {
    let seen = 0;
    fc.assert(
      fc.property(
        oracleRecords(),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (records, sizes) => {
          const events = sourceEvents(records);
          let item: ItemState | undefined;
          const outcomes: FoldOutcome[] = [];
          const thrown: string[] = [];
          for (let start = 0, batch = 0; start < events.length; batch++) {
            const end = start + sizes[batch % sizes.length]!;
            const result = foldEvents({ plan, writer: WRITER, item, events: events.slice(start, end) });
            item = result.item;
            outcomes.push(...result.outcomes);
            thrown.push(...result.thrown.values());
            start = end;
          }
          const threw = outcomes.map((outcome) => outcome === "function-threw");
          const kept = events.filter((_, index) => !threw[index]);
          const without = foldEvents({ plan, writer: WRITER, item: undefined, events: kept });
          expect(item).toEqual(without.item);
          expect(outcomes.filter((_, index) => !threw[index])).toEqual(without.outcomes);
          expect(without.thrown.size).toBe(0);
          seen += thrown.length;
          threw.forEach((each, index) => {
            if (each) expect(["m3", "m4"]).toContain(records[index]!.row.merchant);
          });
          expect(thrown).toHaveLength(threw.filter(Boolean).length);
          for (const text of thrown) expect(text).toMatch(/not m[34]$/);
        },
      ),
      { numRuns: 1_000, seed: 20260110 },
    );
    expect(seen).toBeGreaterThan(500);
  });
});

it("may throw what has no text: the event is refused all the same", () => {
  const odd = planView(
    paymentsView([], {
      features: [featureOf("before", calls.sum!, sliding(HOUR_MS))],
      where: {
        kind: "function",
        test: () => {
          throw Object.create(null);
        },
      },
    }),
  );
  const [event] = sourceEvents([
    {
      row: { id: "e1", card: "c1", amount: 1, merchant: "m1", at: 0 },
      eventTimeMs: 0,
      arrivalMs: 0,
      id: "e1",
    },
  ]);
  const result = foldEvents({ plan: odd, writer: WRITER, item: undefined, events: [event!] });
  expect(result.outcomes).toEqual(["function-threw"]);
  expect([...result.thrown.values()]).toEqual(["a value that has no text"]);
});
