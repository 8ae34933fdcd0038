import { describe, expect, it } from "vitest";
import type { AggregationCall } from "../../lib/define/aggregation-call.ts";
import { type FoldOutcome, foldEvents, type ItemState, MAX_IMAGE_BYTES } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import type { SourceEvent } from "../../lib/engine/record.ts";
import { START_MS, sourceEvents, WRITER } from "./fold-fixtures.ts";
import { MINUTE_MS, paymentsSource, session, viewOf } from "./view-fixtures.ts";

const SECOND_MS = 1_000;
const SESSIONS = 360;
const amount = { kind: "field", field: "amount" } as const;
const values: AggregationCall = { name: "distinct", value: amount, where: null, parameters: { max: 1_000 } };
const plan = planView(
  viewOf({ values }, [session(SECOND_MS, SECOND_MS)], {
    allowedLatenessMs: 36 * MINUTE_MS,
    source: paymentsSource({ eventId: null }),
  }),
);

let delivered = 0;

/** An event of one value for each of the given ones. */
function eventsAt(eventTimeMs: number, amounts: readonly number[]): SourceEvent[] {
  const records = amounts.map((each) => {
    const row = { id: "", card: "c1", amount: each, merchant: "m", at: eventTimeMs };
    return { row, eventTimeMs, arrivalMs: START_MS, id: undefined };
  });
  const events = sourceEvents(records, delivered + 1);
  delivered += records.length;
  return events;
}

function fold(item: ItemState | undefined, events: readonly SourceEvent[]) {
  return foldEvents({ plan, writer: WRITER, item, events });
}

/** The newest event first; then as many sessions as fill the image, 28 to 35 minutes before it. */
function fullItem(newestMs: number): ItemState {
  let { item } = fold(undefined, eventsAt(newestMs, [0]));
  let value = 1;
  for (let index = 0; index < SESSIONS; index++) {
    const room = MAX_IMAGE_BYTES - 250 - item!.image.length - 20 * (SESSIONS - index);
    const count = Math.max(1, Math.min(124, Math.floor(room / 8)));
    const amounts = Array.from({ length: count }, () => value++);
    item = fold(item, eventsAt(START_MS + index * SECOND_MS, amounts)).item;
  }
  return item!;
}

describe("an item that sessions have filled", () => {
  const newestMs = START_MS + 2_097 * SECOND_MS;

  it("comes to the same bytes and verdicts when its newest event moves on, however the events are batched", () => {
    const item = fullItem(newestMs);
    expect(item.image.length).toBeGreaterThan(MAX_IMAGE_BYTES - 1_024);
    // All but the last bring a value that the session has; the last makes every session 6 minutes older.
    const events = [...eventsAt(newestMs, Array(11).fill(0)), ...eventsAt(newestMs + 362 * SECOND_MS, [-1])];
    const whole = fold(item, events);
    expect(whole.item!.image.length).toBeLessThanOrEqual(MAX_IMAGE_BYTES);
    let current = item;
    const outcomes: FoldOutcome[] = [];
    for (const event of events) {
      const result = fold(current, [event]);
      outcomes.push(...result.outcomes);
      current = result.item!;
      expect(current.image.length).toBeLessThanOrEqual(MAX_IMAGE_BYTES);
    }
    expect(outcomes).toEqual(whole.outcomes);
    expect(Buffer.compare(current.image, whole.item!.image)).toBe(0);
  });

  it("grows by one session, and no more, when its newest event moves on", () => {
    const item = fullItem(newestMs);
    const { item: moved } = fold(item, eventsAt(newestMs + 362 * SECOND_MS, [-1]));
    expect(moved!.image.length - item.image.length).toBeLessThan(32);
  });
});
