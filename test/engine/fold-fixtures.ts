import fc from "fast-check";
import type { View } from "../../lib/define/types.ts";
import { type FoldOutcome, foldEvents, type ItemState } from "../../lib/engine/fold.ts";
import { hashText } from "../../lib/engine/hash.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { writerName } from "../../lib/engine/position.ts";
import type { SourceEvent } from "../../lib/engine/record.ts";
import type { OracleRecord } from "../oracles/entity.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./view-fixtures.ts";

export const START_MS = Date.UTC(2026, 0, 5, 11, 58, 30);
export const WRITER = writerName("arn:aws:kinesis:eu-west-1:1:stream/payments", 1, "shardId-000000000000");

/** How far time moves between two records, in steps that cross tiles, rings, windows and expiry. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 90_000 }) },
  { weight: 4, arbitrary: fc.nat({ max: 20 * MINUTE_MS }) },
  { weight: 2, arbitrary: fc.nat({ max: 5 * HOUR_MS }) },
  { weight: 1, arbitrary: fc.nat({ max: 3 * DAY_MS }) },
  { weight: 2, arbitrary: fc.constant(0) },
);

/** An event time against arrival: on time, tied to whole tiles, out of order, late, or ahead. */
const offset = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 5_000 }).map((ms) => -ms) },
  { weight: 3, arbitrary: fc.nat({ max: 3 * HOUR_MS }).map((ms) => -ms) },
  { weight: 1, arbitrary: fc.nat({ max: 4 * DAY_MS }).map((ms) => -ms) },
  { weight: 2, arbitrary: fc.nat({ max: 5 * MINUTE_MS }) },
);

const record = fc.record({
  step,
  offset,
  tie: fc.boolean(),
  id: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 2, arbitrary: fc.nat({ max: 30 }) }),
  amount: fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 5, arbitrary: fc.integer({ min: -20_000, max: 20_000 }).map((hundredths) => hundredths / 100) },
    { weight: 2, arbitrary: fc.integer({ min: -100, max: 100 }) },
    // Percentiles take what is nearer to zero than they index for zero; their own tests cover it.
    {
      weight: 1,
      arbitrary: fc
        .double({ min: -1e6, max: 1e6, noNaN: true })
        .map((value) => (Math.abs(value) < 1e-9 ? 0 : value)),
    },
  ),
  merchant: fc.nat({ max: 12 }).map((number) => `m${number}`),
});

/** Records of one entity in sequence order: out of order, tied, duplicate, late and ahead of arrival. */
export function oracleRecords(
  options: { minLength?: number; maxLength?: number } = {},
): fc.Arbitrary<OracleRecord[]> {
  return fc
    .array(record, { minLength: options.minLength ?? 1, maxLength: options.maxLength ?? 60 })
    .map((drawn) => {
      let nowMs = START_MS;
      let previousMs = START_MS;
      return drawn.map((each, index): OracleRecord => {
        nowMs += each.step;
        const eventTimeMs = each.tie ? Math.min(previousMs, nowMs + 5 * MINUTE_MS) : nowMs + each.offset;
        previousMs = eventTimeMs;
        const id = each.id === null ? `e${index}` : `r${each.id}`;
        const row = { id, card: "c1", amount: each.amount, merchant: each.merchant, at: eventTimeMs };
        return { row, eventTimeMs, arrivalMs: nowMs, id };
      });
    });
}

/** The same records as the engine takes them. */
export function sourceEvents(records: readonly OracleRecord[], firstSequence = 1): SourceEvent[] {
  const identity = { high: 0, low: 0 };
  return records.map((each, index): SourceEvent => {
    const sequenceNumber = String(10n ** 55n + BigInt(firstSequence + index));
    hashText(each.id ?? `${WRITER}/${sequenceNumber}`, identity);
    return {
      kind: "event",
      sequenceNumber,
      partitionKey: "c1",
      row: each.row,
      eventTimeMs: each.eventTimeMs,
      arrivalMs: each.arrivalMs,
      approximateArrivalMs: each.arrivalMs,
      hasEventId: each.id !== undefined,
      identityHigh: identity.high,
      identityLow: identity.low,
    };
  });
}

/** The tie-break of R6 is the engine's hash; the oracle is told it, and compares it by itself. */
export function withIdentities(records: readonly OracleRecord[]): OracleRecord[] {
  return sourceEvents(records).map(({ identityHigh, identityLow }, index) => ({
    ...records[index]!,
    identity: (BigInt(identityHigh) << 32n) | BigInt(identityLow),
  }));
}

export interface FoldedInBatches {
  readonly plan: ViewPlan;
  readonly item: ItemState | undefined;
  readonly outcomes: readonly FoldOutcome[];
}

const plans = new WeakMap<View, ViewPlan>();

/** A view's plan, made once: laying fifty features out costs more than folding a few records. */
export function planOf(view: View): ViewPlan {
  const plan = plans.get(view) ?? planView(view);
  plans.set(view, plan);
  return plan;
}

/** Folds records in batches of the given sizes, over and over until all are folded. */
export function foldInBatches(
  view: View,
  records: readonly OracleRecord[],
  sizes: readonly number[],
): FoldedInBatches {
  const plan = planOf(view);
  const events = sourceEvents(records);
  const outcomes: FoldOutcome[] = [];
  let item: ItemState | undefined;
  for (let start = 0, batch = 0; start < events.length; batch++) {
    const size = Math.max(1, sizes[batch % sizes.length]!);
    const result = foldEvents({ plan, writer: WRITER, item, events: events.slice(start, start + size) });
    outcomes.push(...result.outcomes);
    item = result.item;
    start += size;
  }
  return { plan, item, outcomes };
}
