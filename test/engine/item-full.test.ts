import { describe, expect, it } from "vitest";
import type { Feature, View } from "../../lib/define/types.ts";
import type { Row } from "../../lib/engine/decode/field-values.ts";
import { type FoldOutcome, foldEvents, type ItemState, MAX_IMAGE_BYTES } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import { readFeatures, summarizeItem } from "../../lib/engine/read.ts";
import type { SourceEvent } from "../../lib/engine/record.ts";
import { START_MS, sourceEvents, WRITER } from "./fold-fixtures.ts";
import { uniform } from "./sketches/distributions.ts";
import { featureOf, HOUR_MS, MINUTE_MS, paymentsView, sliding } from "./view-fixtures.ts";

const COLUMNS = 40;
const window = sliding(3 * HOUR_MS, MINUTE_MS);

/** Many sketches over a long ring of fine tiles: every event lengthens the image by some 150 bytes. */
const view: View = paymentsView([], {
  features: Array.from({ length: COLUMNS }, (_, index): Feature[] => [
    featureOf(
      `distinct_${index}`,
      {
        name: "approxDistinct",
        value: { kind: "function", apply: (row) => `${row.merchant}/${index}` },
        where: null,
        parameters: {},
      },
      window,
    ),
    featureOf(
      `p90_${index}`,
      {
        name: "approxPercentile",
        value: { kind: "function", apply: (row) => (row.amount as number) * (index + 1) },
        where: null,
        parameters: { p: 0.9 },
      },
      window,
    ),
  ]).flat(),
});
const plan = planView(view);

/** Values of all magnitudes, each new to every sketch, at a pace that fills the ring before it turns. */
function events(count: number): SourceEvent[] {
  const random = uniform(20260501);
  return sourceEvents(
    Array.from({ length: count }, (_, index) => {
      const atMs = START_MS + index * 4_000 - Math.floor(random() * 30 * MINUTE_MS);
      const amount = (random() + 0.001) * 10 ** Math.floor(random() * 12 - 3);
      const row = { id: `e${index}`, card: "c1", amount, merchant: `m${index}`, at: atMs };
      return { row, eventTimeMs: atMs, arrivalMs: START_MS + index * 4_000, id: row.id };
    }),
  );
}

interface Folded {
  readonly item: ItemState | undefined;
  readonly outcomes: readonly FoldOutcome[];
}

function foldInBatches(item: ItemState | undefined, delivered: readonly SourceEvent[], size: number): Folded {
  const outcomes: FoldOutcome[] = [];
  let current = item;
  for (let start = 0; start < delivered.length; start += size) {
    const result = foldEvents({
      plan,
      writer: WRITER,
      item: current,
      events: delivered.slice(start, start + size),
    });
    outcomes.push(...result.outcomes);
    current = result.item;
    expect(current!.image.length).toBeLessThanOrEqual(MAX_IMAGE_BYTES);
  }
  return { item: current, outcomes };
}

describe("an item that reaches 350 KB", () => {
  const all = events(3_600);
  const early = all.slice(0, 2_100);
  const late = all.slice(2_100);
  const before = foldInBatches(undefined, early, 10_000);
  const whole = foldInBatches(before.item, late, 10_000);

  it("refuses what would push it further, and takes records again once tiles have left", () => {
    expect(new Set(before.outcomes)).toEqual(new Set(["folded"]));
    const firstRefused = whole.outcomes.indexOf("item-full");
    expect(firstRefused).toBeGreaterThan(0);
    const lastRefused = whole.outcomes.lastIndexOf("item-full");
    expect(whole.outcomes.slice(firstRefused, lastRefused)).toContain("folded");
    const refused = whole.outcomes.filter((outcome) => outcome === "item-full").length;
    expect(summarizeItem(plan, whole.item!.image).counts.folded).toBe(all.length - refused);
  });

  it("reaches one verdict on each record, and the same bytes, however they are batched", () => {
    // Of one record each, from before the first refusal on.
    const firstRefused = whole.outcomes.indexOf("item-full");
    const around = late.slice(0, firstRefused + 60);
    const expected = whole.outcomes.slice(0, around.length);
    const inOne = foldInBatches(before.item, around, 10_000);
    expect(inOne.outcomes).toEqual(expected);
    for (const size of [1, 7, 100]) {
      const batched = foldInBatches(before.item, around, size);
      expect(batched.outcomes, `batches of ${size}`).toEqual(expected);
      expect(batched.item).toEqual(inOne.item);
    }
    expect(foldInBatches(before.item, late, 7)).toEqual(whole);
  });

  it("is left as it was by a record that it refuses", () => {
    const at = whole.outcomes.indexOf("item-full");
    const { item } = foldInBatches(before.item, late.slice(0, at), 10_000);
    const refused = foldEvents({ plan, writer: WRITER, item, events: [late[at]!] });
    expect(refused.outcomes).toEqual(["item-full"]);
    expect(item!.image.length).toBeGreaterThan(MAX_IMAGE_BYTES - 1_024);
    expect(refused.changed).toBe(false);
    expect(refused.item).toBe(item);
    const asOfMs = summarizeItem(plan, item!.image).newestMs!;
    expect(readFeatures(plan, [{ writer: WRITER, image: item!.image }], asOfMs).known).toBe(true);
  });
});

describe("an item whose rows age into larger ones", () => {
  const HALF_HOUR_MS = 30 * MINUTE_MS;
  const columns = Array.from({ length: 8 }, (_, index) => index);
  /** Sparse sketches by the half hour, over hours in which two of them together are dense. */
  const ageing = planView(
    paymentsView([], {
      allowedLatenessMs: 23 * HOUR_MS,
      dedup: { horizonMs: HOUR_MS, count: 0 },
      features: columns.flatMap((index): Feature[] => {
        // One function for both windows: they share the column.
        const value = { kind: "function", apply: (row: Row) => `${row.merchant}/${index}` } as const;
        const aggregation = { name: "approxDistinct", value, where: null, parameters: {} } as const;
        return [sliding(HOUR_MS, HALF_HOUR_MS), sliding(24 * HOUR_MS, HOUR_MS)].map((of, which) =>
          featureOf(`distinct_${index}_${which}`, aggregation, of),
        );
      }),
    }),
  );
  const at = (ms: number, index: number) => {
    const row = { id: `e${index}`, card: "c1", amount: 1, merchant: `m${index}`, at: ms };
    return { row, eventTimeMs: ms, arrivalMs: ms, id: row.id };
  };
  const HALVES = 44;
  const VALUES = 630;
  const begun = Array.from({ length: HALVES * VALUES }, (_, index) =>
    at(START_MS + Math.floor(index / VALUES) * HALF_HOUR_MS + (index % VALUES), index),
  );
  // One event so far ahead that every half hour leaves the fine ring at once.
  const all = sourceEvents([...begun, at(START_MS + 47 * HOUR_MS, begun.length)]);

  it("refuses the one record that would push it past the limit, however the records are batched", () => {
    const fold = (size: number) => {
      let item: ItemState | undefined;
      const outcomes: FoldOutcome[] = [];
      for (let start = 0; start < all.length; start += size) {
        const result = foldEvents({
          plan: ageing,
          writer: WRITER,
          item,
          events: all.slice(start, start + size),
        });
        outcomes.push(...result.outcomes);
        item = result.item;
      }
      return { item, outcomes };
    };
    const whole = fold(all.length);
    expect(whole.outcomes.at(-1)).toBe("item-full");
    expect(new Set(whole.outcomes.slice(0, -1))).toEqual(new Set(["folded"]));
    expect(whole.item!.image.length).toBeGreaterThan(200_000);
    expect(whole.item!.image.length).toBeLessThan(MAX_IMAGE_BYTES);
    expect(fold(5_000)).toEqual(whole);
    expect(fold(all.length - 1)).toEqual(whole);
  });
});
