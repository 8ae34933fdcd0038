import { describe, expect, it } from "vitest";
import { z } from "zod";
import { source, view } from "../../lib/define/index.ts";
import { planView } from "../../lib/engine/plan.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { markUnknown, warmFrom } from "../../lib/online/amend-progress.ts";
import { changeProgress, readProgress } from "../../lib/online/progress.ts";
import { createWriteLoop } from "../../lib/online/write-loop.ts";
import { createAggregator } from "./fixtures/aggregator.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { onePass, storedItems } from "./fixtures/one-pass.ts";
import { cardPlan, merchantPlan, payments, plans } from "./fixtures/payments.ts";
import {
  heartbeatRecord,
  paymentRecord,
  rawRecord,
  START_MS,
  sequenceNumber,
  wholeShard,
} from "./fixtures/records.ts";

const { writer } = wholeShard;

function setUp(processId = "one") {
  const store = createMemoryStateStore();
  const objects = createMemoryObjectStore();
  const aggregator = createAggregator({ store, objects, processId });
  const progressOf = async (viewId = "card@1") => (await readProgress(store, [viewId], writer)).get(viewId);
  return { store, objects, aggregator, progressOf };
}

describe("progress of a view in a shard (R11)", () => {
  it("is the running maximum of arrival, through the last record, since the first", async () => {
    const { aggregator, progressOf } = setUp();
    expect(await progressOf()).toBeUndefined();
    await aggregator.process([paymentRecord(1), paymentRecord(2, {}, { arrivalMs: START_MS + 60_000 })]);
    await aggregator.process([paymentRecord(3)]);
    expect(await progressOf()).toEqual({
      arrivalMs: START_MS + 60_000,
      stampMs: START_MS + 60_000,
      sequenceNumber: sequenceNumber(3),
      processId: "one",
      sinceMs: START_MS + 2_000,
      fromSequenceNumber: sequenceNumber(1),
      unknown: false,
      returned: false,
      epochs: {},
    });
  });

  it("moves with heartbeats alone, and with records that no view takes", async () => {
    const { aggregator, progressOf, store } = setUp();
    const report = await aggregator.process([heartbeatRecord(1), heartbeatRecord(2)]);
    expect(report).toMatchObject({ heartbeats: 2, rejected: 0, writes: 0 });
    expect((await progressOf())!.arrivalMs).toBe(START_MS + 3_000);
    await aggregator.process([rawRecord(3, "poison")]);
    expect(await progressOf()).toMatchObject({
      arrivalMs: START_MS + 4_000,
      sequenceNumber: sequenceNumber(3),
    });
    expect(await storedItems(store)).toEqual({});
  });

  it("never runs back when an old batch is delivered again", async () => {
    const { store, objects, aggregator, progressOf } = setUp();
    const records = [1, 2, 3, 4].map((n) => paymentRecord(n));
    await aggregator.process(records);
    const before = await progressOf();
    await createAggregator({ store, objects, processId: "two" }).process(records.slice(0, 2));
    expect(await progressOf()).toEqual({ ...before, processId: "two" });
  });

  it("is not written over what another process wrote meanwhile", async () => {
    const { store, aggregator, progressOf } = setUp();
    await aggregator.process([paymentRecord(1)]);
    const read = (await progressOf())!;
    const next = { ...read, sequenceNumber: sequenceNumber(9), processId: "two" };
    expect(await changeProgress(store, { viewId: "card@1", writer }, () => next)).toEqual(next);
    const stands: unknown[] = [];
    const stale = { viewId: "card@1", writer, read: { progress: read } };
    await changeProgress(store, stale, (now) => (stands.push(now) === 1 ? { ...read, arrivalMs: 0 } : null));
    expect(stands).toEqual([read, next]);
    expect(await progressOf()).toEqual(next);
  });

  it("uses declared arrival where the source has it, and never Kinesis's stamp of a record it cannot read", async () => {
    const replayed = source("replayed", {
      schema: z.object({ id: z.string(), key: z.string(), at: z.number(), seen: z.number() }),
      partitionKey: "key",
      eventTime: "at",
      eventId: "id",
      arrivalTime: "seen",
    });
    const plan = planView(
      view("replayed", {
        version: 1,
        source: replayed,
        entity: "key",
        sla: "1m",
        features: (t) => ({ count: t.count().over("1h") }),
      }),
    );
    const store = createMemoryStateStore();
    const objects = createMemoryObjectStore();
    const loop = createWriteLoop({ source: replayed, plans: [plan], store, objects, processId: "one" });
    const in2001 = Date.UTC(2001, 1, 5);
    const row = { id: "1", key: "A", at: in2001, seen: in2001 + 5_000 };
    await loop.processBatch({
      shard: wholeShard,
      records: [rawRecord(1, "poison"), rawRecord(2, JSON.stringify(row))],
    });
    await loop.processBatch({ shard: wholeShard, records: [rawRecord(3, "poison")] });
    const progress = (await readProgress(store, [plan.id], writer)).get(plan.id);
    expect(progress).toMatchObject({
      arrivalMs: in2001 + 5_000,
      sinceMs: in2001 + 5_000,
      stampMs: START_MS + 4_000,
      sequenceNumber: sequenceNumber(3),
      unknown: false,
      returned: false,
    });
  });

  it("is unknown from a first record on that the stream may have lost records before (R2)", async () => {
    const { aggregator, progressOf } = setUp();
    const { retentionMs } = payments;
    await aggregator.process([paymentRecord(1, {}, { arrivalMs: START_MS })]);
    const inTime = START_MS + retentionMs;
    await aggregator.process([paymentRecord(2, { at: inTime }, { arrivalMs: inTime })]);
    expect((await progressOf())!.unknown).toBe(false);
    const tooLate = inTime + retentionMs + 1;
    await aggregator.process([paymentRecord(3, { at: tooLate }, { arrivalMs: tooLate })]);
    await aggregator.process([paymentRecord(4, { at: tooLate + 1 }, { arrivalMs: tooLate + 1 })]);
    expect((await progressOf())!.unknown).toBe(true);
  });

  it("can be marked unknown, and stays so", async () => {
    const { store, aggregator, progressOf } = setUp();
    await aggregator.process([paymentRecord(1)]);
    await markUnknown(store, "card@1", wholeShard);
    await aggregator.process([paymentRecord(2)]);
    expect(await progressOf()).toMatchObject({ unknown: true, sequenceNumber: sequenceNumber(2) });
    expect((await progressOf("merchant@1"))!.unknown).toBe(false);
  });

  it("is unknown of a shard whose first records were lost before it was begun (R2)", async () => {
    const { store, aggregator, progressOf } = setUp();
    await markUnknown(store, "card@1", wholeShard);
    await aggregator.process([paymentRecord(3)]);
    expect(await progressOf()).toEqual({
      arrivalMs: START_MS + 4_000,
      stampMs: START_MS + 4_000,
      sequenceNumber: sequenceNumber(3),
      processId: "one",
      sinceMs: START_MS + 4_000,
      // What was lost may have been followed by what a release without the view finished.
      fromSequenceNumber: sequenceNumber(3),
      unknown: true,
      returned: false,
      epochs: {},
    });
    expect((await progressOf("merchant@1"))!.unknown).toBe(false);
    expect(await storedItems(store)).toMatchObject({ "card@1|sA": expect.any(String) });
  });

  it("fixes where a view begins: what is delivered again from before is not its own (R15)", async () => {
    const { store, objects, progressOf } = setUp();
    const records = [1, 2, 3, 4].map((n) => paymentRecord(n, { merchant: `m${n}` }));
    const old = createAggregator({ store, objects, processId: "old", views: [cardPlan] });
    await old.process(records.slice(0, 2));
    const both = createAggregator({ store, objects, processId: "new", views: [cardPlan, merchantPlan] });
    await both.process(records.slice(2));
    expect((await progressOf("merchant@1"))!.fromSequenceNumber).toBe(sequenceNumber(3));
    const report = await both.process(records);
    expect(report.views["merchant@1"]).toMatchObject({ beforeStart: 2, folded: 0, alreadyFolded: 2 });
    const merchants = Object.keys(await storedItems(store)).filter((pk) => pk.startsWith("merchant"));
    expect(merchants.map((pk) => pk.split("|")[1]).sort()).toEqual(["sm3", "sm4"]);
  });

  it("fixes where a view begins before it folds anything, whatever becomes of progress (R15)", async () => {
    const { store, objects } = setUp();
    const records = [1, 2, 3, 4].map((n) => paymentRecord(n, { card: n % 2 === 0 ? "A" : "B" }));
    const dying = createFaultyStore(store);
    dying.onPut = (item) => (item.pk.startsWith("#progress") ? "unavailable" : null);
    const first = createAggregator({ store: dying, objects, processId: "first", views: [cardPlan] });
    // Of A and B the former is folded from its record 4 on, and no progress tells so.
    await first.process(records.slice(3));
    // A mapping made again at an older position.
    const second = createAggregator({ store, objects, processId: "second", views: [cardPlan] });
    const report = await second.process(records);
    expect(report.views["card@1"]).toMatchObject({ beforeStart: 3, folded: 0, alreadyFolded: 1 });
    const expected = onePass(payments, [cardPlan], [{ shard: wholeShard, records: records.slice(3) }]);
    expect(await storedItems(store)).toEqual(expected.items);
  });

  it("begins where another process had it begin, though its own batch begins elsewhere (R15)", async () => {
    const { store, objects } = setUp();
    const records = [1, 2, 3, 4].map((n) => paymentRecord(n));
    const slow = createFaultyStore(store);
    slow.onGet = async (keys) => {
      // The other process begins between this one's reading of progress and its recording of the start.
      if (!keys[0]!.startsWith("#progress")) return null;
      slow.onGet = () => null;
      const dying = createFaultyStore(store);
      dying.onPut = (item) => (item.pk.startsWith("#progress") ? "unavailable" : null);
      const other = createAggregator({ store: dying, objects, processId: "other", views: [cardPlan] });
      await other.process(records.slice(2));
      return null;
    };
    const one = createAggregator({ store: slow, objects, processId: "one", views: [cardPlan] });
    expect((await one.process(records)).views["card@1"]).toMatchObject({ beforeStart: 2, alreadyFolded: 2 });
  });

  it("reads the start again when its write is in doubt, and begins nothing while it cannot", async () => {
    const { store, objects } = setUp();
    const records = [1, 2].map((n) => paymentRecord(n));
    for (const fault of ["lost", "applied-unanswered"] as const) {
      const faulty = createFaultyStore(store);
      let doubts = 3;
      faulty.onPut = (item) => (item.pk.startsWith("#start") && doubts-- > 0 ? fault : null);
      const one = createAggregator({ store: faulty, objects, processId: fault, views: [merchantPlan] });
      expect((await one.process(records)).failedSequenceNumber).toBeNull();
    }
    const down = createFaultyStore(store);
    down.onPut = (item) => (item.pk.startsWith("#start") ? "unavailable" : null);
    const two = createAggregator({ store: down, objects, processId: "two", views: [cardPlan] });
    const report = await two.process(records);
    expect(report).toMatchObject({ failedSequenceNumber: records[0]!.sequenceNumber, writes: 0 });
  });

  it("costs no write when nothing moved", async () => {
    const { aggregator } = setUp();
    const records = [paymentRecord(1), paymentRecord(2)];
    const first = await aggregator.process(records);
    // Items, starts and progress, and which views there are.
    expect(first.capacity.writeCalls).toBe(3 + 2 * plans.length + 1);
    expect((await aggregator.process(records)).capacity).toMatchObject({ writeCalls: 0, readCalls: 1 });
  });
});

describe("a view that returns in a shard (R7)", () => {
  it("warms from the latest of all arrivals that it is told, whoever tells last", async () => {
    const { store, aggregator, progressOf } = setUp();
    await aggregator.process([paymentRecord(1, {}, { arrivalMs: START_MS })]);
    for (const sinceMs of [START_MS + 50, START_MS + 90, START_MS + 70]) {
      await warmFrom(store, "card@1", wholeShard, { sinceMs, stampMs: 0 });
    }
    expect(await progressOf()).toMatchObject({ returned: true, sinceMs: START_MS + 90 });
  });

  it("has returned though it warms no later than it began", async () => {
    const { store, aggregator, progressOf } = setUp();
    await aggregator.process([paymentRecord(1, {}, { arrivalMs: START_MS + 60 })]);
    await warmFrom(store, "card@1", wholeShard, { sinceMs: START_MS, stampMs: 0 });
    expect(await progressOf()).toMatchObject({ returned: true, sinceMs: START_MS + 60 });
  });
});
