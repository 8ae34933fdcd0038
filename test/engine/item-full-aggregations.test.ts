import { describe, expect, it } from "vitest";
import type { AggregationCall } from "../../lib/define/aggregation-call.ts";
import type { Window } from "../../lib/define/window.ts";
import { foldEvents, type ItemState, MAX_IMAGE_BYTES } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import { START_MS, sourceEvents, WRITER } from "./fold-fixtures.ts";
import { uniform } from "./sketches/distributions.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, session, sliding, viewOf } from "./view-fixtures.ts";

const merchant = { kind: "field", field: "merchant" } as const;
const amount = { kind: "field", field: "amount" } as const;
const by = { field: "merchant", maxKeys: 256 };

/** What keeps most in a tile: lists of texts, frequent texts, keys. */
const calls: Readonly<Record<string, AggregationCall>> = {
  lastK: { name: "lastK", value: merchant, where: null, parameters: { k: 50 } },
  firstK: { name: "firstK", value: merchant, where: null, parameters: { k: 50 } },
  frequent: { name: "approxTopK", value: merchant, where: null, parameters: { k: 50, capacity: 256 } },
  distinct: { name: "distinct", value: merchant, where: null, parameters: { max: 1_000 } },
  sums: { name: "sum", value: amount, where: null, parameters: {}, by },
  lasts: { name: "last", value: merchant, where: null, parameters: {}, by },
};

const windows: Readonly<Record<string, readonly Window[]>> = {
  "tiles that age into coarser ones": [sliding(10 * MINUTE_MS), sliding(2 * HOUR_MS), sliding(2 * DAY_MS)],
  "sessions that open, grow and join": [session(MINUTE_MS, HOUR_MS), session(20_000, 30_000)],
};

/** Long texts, nearly all of them new, out of order within the lateness that is allowed. */
function events(count: number) {
  const random = uniform(20260540);
  return sourceEvents(
    Array.from({ length: count }, (_, index) => {
      const arrivalMs = START_MS + index * 9_000;
      const eventTimeMs = arrivalMs - Math.floor(random() * HOUR_MS);
      const text = `${Math.floor(random() * 900)} ${"é".repeat(Math.floor(random() * 140))}`;
      const row = { id: `e${index}`, card: "c1", amount: random(), merchant: text, at: eventTimeMs };
      return { row, eventTimeMs, arrivalMs, id: row.id };
    }),
  );
}

describe.each(Object.entries(windows))("an item of %s", (_, of) => {
  const view = viewOf(calls, of, { allowedLatenessMs: HOUR_MS });
  const plan = planView(view);
  const delivered = events(700);

  it("never passes 350 KB, and refuses the same records however they are batched", () => {
    const whole = foldEvents({ plan, writer: WRITER, item: undefined, events: delivered });
    expect(whole.outcomes).toContain("item-full");
    expect(whole.outcomes).toContain("folded");
    expect(whole.item!.image.length).toBeLessThanOrEqual(MAX_IMAGE_BYTES);
    for (const size of [1, 60]) {
      let item: ItemState | undefined;
      const outcomes = [];
      for (let start = 0; start < delivered.length; start += size) {
        const batch = delivered.slice(start, start + size);
        const result = foldEvents({ plan, writer: WRITER, item, events: batch });
        outcomes.push(...result.outcomes);
        item = result.item;
        expect(item!.image.length).toBeLessThanOrEqual(MAX_IMAGE_BYTES);
      }
      expect(outcomes).toEqual(whole.outcomes);
      expect(Buffer.compare(item!.image, whole.item!.image)).toBe(0);
    }
  });
});
