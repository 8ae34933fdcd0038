import { describe, expect, it } from "vitest";
import type { View } from "../../lib/define/types.ts";
import { foldEvents, type ItemState } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import { decodePosition } from "../../lib/engine/position.ts";
import { readFeatures, summarizeItem } from "../../lib/engine/read.ts";
import type { SourceEvent } from "../../lib/engine/record.ts";
import {
  calls,
  DAY_MS,
  featureOf,
  HOUR_MS,
  MINUTE_MS,
  paymentsSource,
  paymentsView,
  sliding,
} from "./view-fixtures.ts";

/** Noon, UTC. */
const T = 1_767_614_400_000;
const RETENTION_MS = 2 * DAY_MS;
const DEDUP_MS = 10 * MINUTE_MS;
/** By hand, for the view below: a span of 60 minutes, a hop of 5, a skew of 5, no lateness. */
const EXPIRY_MS = 70 * MINUTE_MS;

/** Counts over one hour in tiles of five minutes. */
function countView(changes: Partial<View> = {}): View {
  return paymentsView([], {
    source: paymentsSource({ retentionMs: RETENTION_MS }),
    dedup: { horizonMs: DEDUP_MS, count: 128 },
    features: [featureOf("n", calls.count!, sliding(HOUR_MS, 5 * MINUTE_MS))],
    ...changes,
  });
}

const plan = planView(countView());
const PARENT = "0a0b0c0d/shardId-000000000000";
const CHILD = "0a0b0c0d/shardId-000000000001";

interface EventTimes {
  readonly arrivalMs: number;
  /** Kinesis's own stamp. @default the declared arrival */
  readonly stampMs?: number;
  /** @default the declared arrival */
  readonly eventTimeMs?: number;
  /** @default one of its own */
  readonly id?: number;
}

function event(sequence: number, { arrivalMs, stampMs, eventTimeMs, id }: EventTimes): SourceEvent {
  return {
    kind: "event",
    sequenceNumber: String(sequence),
    partitionKey: "c1",
    row: { id: "e", card: "c1", amount: 1, merchant: "m1", at: eventTimeMs ?? arrivalMs },
    eventTimeMs: eventTimeMs ?? arrivalMs,
    arrivalMs,
    approximateArrivalMs: stampMs ?? arrivalMs,
    hasEventId: true,
    identityHigh: 7,
    identityLow: id ?? 1_000 + sequence,
  };
}

function fold(item: ItemState | undefined, writer: string, ...events: readonly SourceEvent[]) {
  const result = foldEvents({ plan, writer, item, events });
  return { ...result, item: result.item! };
}
const positionOf = ({ position }: ItemState) => decodePosition(position);
const countsOf = ({ image }: ItemState) => summarizeItem(plan, image).counts;

describe("a parent's entry in a position (R1)", () => {
  const parentMs = T + 1_000;
  const parent = () => fold(undefined, PARENT, event(900, { arrivalMs: parentMs }));
  const parentEntry = { writer: PARENT, sequenceNumber: "900", lastArrivalMs: parentMs };

  it("stays while the stream may hold the parent's records, and drops their redelivery", () => {
    const lastMs = parentMs + RETENTION_MS;
    // The child's numbers are lower: they are compared with its own entry alone.
    const { item, outcomes } = fold(parent().item, CHILD, event(5, { arrivalMs: lastMs }));
    expect(outcomes).toEqual(["folded"]);
    expect(positionOf(item)).toEqual([
      parentEntry,
      { writer: CHILD, sequenceNumber: "5", lastArrivalMs: lastMs },
    ]);
    const again = fold(item, PARENT, event(900, { arrivalMs: parentMs }));
    expect(again.outcomes).toEqual(["already-folded"]);
    expect(again.item).toBe(item);
  });

  it("leaves with the child's first record that arrives later than its last arrival and retention", () => {
    const arrivalMs = parentMs + RETENTION_MS + 1;
    const { item } = fold(parent().item, CHILD, event(5, { arrivalMs }));
    expect(positionOf(item)).toEqual([{ writer: CHILD, sequenceNumber: "5", lastArrivalMs: arrivalMs }]);
  });

  it("counts both arrivals by Kinesis's stamp where the declared ones are earlier, as in a replay", () => {
    const stampMs = T + 9 * DAY_MS;
    const replayed = fold(undefined, PARENT, event(900, { arrivalMs: T, stampMs })).item;
    expect(positionOf(replayed)).toEqual([{ ...parentEntry, lastArrivalMs: stampMs }]);
    const stands = fold(replayed, CHILD, event(5, { arrivalMs: T, stampMs: stampMs + RETENTION_MS }));
    expect(positionOf(stands.item)).toHaveLength(2);
    const left = fold(replayed, CHILD, event(5, { arrivalMs: T, stampMs: stampMs + RETENTION_MS + 1 }));
    expect(positionOf(left.item)).toHaveLength(1);
  });

  it("counts both arrivals as declared where those are later than Kinesis's stamps", () => {
    const stampMs = T - DAY_MS;
    const early = fold(undefined, PARENT, event(900, { arrivalMs: T, stampMs })).item;
    expect(positionOf(early)).toEqual([{ ...parentEntry, lastArrivalMs: T }]);
    const left = fold(early, CHILD, event(5, { arrivalMs: T + RETENTION_MS + 1, stampMs }));
    expect(positionOf(left.item)).toHaveLength(1);
  });

  it("outlives an expiry, which resets everything else (R15)", () => {
    const arrivalMs = parentMs + EXPIRY_MS + 1;
    const reset = fold(parent().item, CHILD, event(5, { arrivalMs }));
    expect(reset.cleared).toMatchObject({ folded: 1 });
    expect(positionOf(reset.item)).toEqual([
      parentEntry,
      { writer: CHILD, sequenceNumber: "5", lastArrivalMs: arrivalMs },
    ]);
    const again = fold(reset.item, PARENT, event(900, { arrivalMs: parentMs }));
    expect(again.outcomes).toEqual(["already-folded"]);
    expect(countsOf(again.item)).toMatchObject({ folded: 1 });
  });

  it("of a writer's latest arrival does not move back with a reset or an earlier arrival", () => {
    const { item } = fold(
      undefined,
      PARENT,
      event(1, { arrivalMs: T, stampMs: T + DAY_MS }),
      event(2, { arrivalMs: T + EXPIRY_MS + 1, stampMs: T + 1 }),
    );
    expect(positionOf(item)).toEqual([{ writer: PARENT, sequenceNumber: "2", lastArrivalMs: T + DAY_MS }]);
  });
});

describe("expiry (R15)", () => {
  const first = (times: Partial<EventTimes> = {}) =>
    fold(undefined, PARENT, event(1, { arrivalMs: T, ...times })).item;

  it.each([
    ["the last arrival", {}, T + EXPIRY_MS],
    [
      "the newest event, when that is ahead of its arrival",
      { eventTimeMs: T + 3_000 },
      T + 3_000 + EXPIRY_MS,
    ],
    ["the last arrival, when the event is older", { eventTimeMs: T - 3_000 }, T + EXPIRY_MS],
    ["the declared arrival, not Kinesis's stamp", { stampMs: T + DAY_MS }, T + EXPIRY_MS],
  ])("is so long after %s, and the item lives through that millisecond", (_, times, expiresAtMs) => {
    const item = first(times);
    const kept = fold(item, PARENT, event(2, { arrivalMs: expiresAtMs }));
    expect(kept.cleared).toBeNull();
    expect(countsOf(kept.item)).toMatchObject({ folded: 2 });
    const reset = fold(item, PARENT, event(2, { arrivalMs: expiresAtMs + 1 }));
    expect(reset.cleared).toMatchObject({ folded: 1 });
    expect(countsOf(reset.item)).toMatchObject({ folded: 1 });

    const known = (asOfMs: number) =>
      readFeatures(plan, [{ writer: PARENT, image: item.image }], asOfMs).known;
    expect(known(expiresAtMs)).toBe(true);
    expect(known(expiresAtMs + 1)).toBe(false);
  });

  it("is by the dedup horizon where that is longer than the windows reach", () => {
    const longDedup = planView(countView({ dedup: { horizonMs: 3 * HOUR_MS, count: 128 } }));
    const foldLong = (...events: readonly SourceEvent[]) =>
      foldEvents({ plan: longDedup, writer: PARENT, item: undefined, events });
    const origin = event(1, { arrivalMs: T, id: 1 });
    const repeat = (arrivalMs: number) => event(2, { arrivalMs, id: 1 });
    expect(foldLong(origin, repeat(T + 3 * HOUR_MS)).outcomes).toEqual(["folded", "duplicate"]);
    expect(foldLong(origin, repeat(T + 3 * HOUR_MS + 1))).toMatchObject({
      outcomes: ["folded", "folded"],
      cleared: { folded: 1 },
    });
  });
});

describe("the time after which DynamoDB may delete an item (R15)", () => {
  it.each([
    ["the arrival", { arrivalMs: T }, T],
    ["the newest event, when that is ahead", { arrivalMs: T, eventTimeMs: T + 3_000 }, T + 3_000],
    [
      "Kinesis's stamp, when the declared arrival is earlier",
      { arrivalMs: T, stampMs: T + DAY_MS },
      T + DAY_MS,
    ],
    ["the declared arrival, when Kinesis's stamp is earlier", { arrivalMs: T, stampMs: T - DAY_MS }, T],
  ])("is expiry and retention after %s", (_, times, fromMs) => {
    const { timeToLiveMs } = fold(undefined, PARENT, event(1, times));
    expect(timeToLiveMs).toBe(fromMs + EXPIRY_MS + RETENTION_MS);
  });

  it("keeps to the latest of all records, and of all writers that the position holds", () => {
    const { item } = fold(undefined, PARENT, event(1, { arrivalMs: T, stampMs: T + DAY_MS }));
    const { timeToLiveMs } = fold(item, CHILD, event(1, { arrivalMs: T + 1, stampMs: T + 2 }));
    expect(timeToLiveMs).toBe(T + DAY_MS + EXPIRY_MS + RETENTION_MS);
  });
});

describe("the dedup horizon (R3)", () => {
  const origin = event(1, { arrivalMs: T, id: 1 });
  const repeat = (arrivalMs: number, id = 1) => event(9, { arrivalMs, id });

  it("holds an id through its last millisecond, and no longer", () => {
    expect(fold(undefined, PARENT, origin, repeat(T + DEDUP_MS)).outcomes).toEqual(["folded", "duplicate"]);
    expect(fold(undefined, PARENT, origin, repeat(T + DEDUP_MS + 1)).outcomes).toEqual(["folded", "folded"]);
  });

  it("is that of each id, when one that arrived earlier stands behind a later one", () => {
    const ahead = event(1, { arrivalMs: T + MINUTE_MS, id: 1 });
    const behind = event(2, { arrivalMs: T, id: 2 });
    const outcomeAt = (arrivalMs: number) =>
      fold(undefined, PARENT, ahead, behind, repeat(arrivalMs, 2)).outcomes[2];
    expect(outcomeAt(T + DEDUP_MS)).toBe("duplicate");
    expect(outcomeAt(T + DEDUP_MS + 1)).toBe("folded");
  });

  it("lets an id go before the count has to, and calls only the latter an overflow", () => {
    const one = planView(countView({ dedup: { horizonMs: DEDUP_MS, count: 1 } }));
    const overflowAt = (arrivalMs: number) => {
      const events = [origin, repeat(arrivalMs, 2)];
      const { item } = foldEvents({ plan: one, writer: PARENT, item: undefined, events });
      return summarizeItem(one, item!.image).counts.dedupOverflow;
    };
    expect(overflowAt(T + DEDUP_MS)).toBe(1);
    expect(overflowAt(T + DEDUP_MS + 1)).toBe(0);
  });
});
