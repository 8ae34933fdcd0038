import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { countOutcomes } from "../../lib/online/counts.ts";
import { readProgress } from "../../lib/online/progress.ts";
import type { StateStore } from "../../lib/online/state-store.ts";
import { createAggregator, entriesOf } from "./fixtures/aggregator.ts";
import { startTables, type TestTables } from "./fixtures/dynalite.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { onePass, storedItems } from "./fixtures/one-pass.ts";
import { cardPlan, payments, plans } from "./fixtures/payments.ts";
import {
  mixedRecords,
  paymentRecord,
  START_MS,
  seededRandom,
  wholeShard,
  writerOf,
} from "./fixtures/records.ts";

const HOUR_MS = 3_600_000;

describe("however batches are delivered, the effect is that of one pass (R2)", () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startTables();
  });
  afterAll(() => tables.stop());

  const records = mixedRecords(240, 11);
  const expected = onePass(payments, plans, [{ shard: wholeShard, records }]);

  async function expectOnePass(store: StateStore, objects: ReturnType<typeof createMemoryObjectStore>) {
    expect(await storedItems(store)).toEqual(expected.items);
    const counts = await countOutcomes({ store, objects, plans });
    for (const plan of plans) {
      expect(counts.get(plan.id)).toMatchObject(expected.counts[plan.id]!);
      expect(counts.get(plan.id)!.lateEntries).toBe(expected.counts[plan.id]!.late);
    }
  }

  it("redelivers batches, whole and in part, warm and cold", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const warm = createAggregator({ store, objects, processId: "warm" });
    await warm.process(records.slice(0, 100));
    await warm.process(records.slice(0, 100));
    await warm.process(records.slice(37, 100));
    await createAggregator({ store, objects, processId: "cold" }).process(records.slice(60, 100));
    await warm.process(records.slice(80, 240));
    const again = await createAggregator({ store, objects, processId: "last" }).process(records);
    await expectOnePass(store, objects);
    expect(again.writes).toBe(0);
    expect(again.capacity.failedConditions).toBe(0);
  });

  it("overlaps two invocations of one batch, each in its own process", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const one = createAggregator({ store, objects, processId: "one" });
    const two = createAggregator({ store, objects, processId: "two" });
    let conflicts = 0;
    for (let at = 0; at < records.length; at += 60) {
      const batch = records.slice(at, at + 60);
      const reports = await Promise.all([one.process(batch), two.process(batch)]);
      for (const report of reports) {
        expect(report.failedSequenceNumber).toBeNull();
        conflicts += report.capacity.failedConditions;
      }
    }
    await expectOnePass(store, objects);
    expect(conflicts).toBeGreaterThan(0);
  });

  it("lets an invocation that timed out go on after later batches were folded", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const slow = createFaultyStore(store);
    let release = () => {};
    const released = new Promise<null>((resolve) => {
      release = () => resolve(null);
    });
    slow.onPut = () => released;
    const late = createAggregator({ store: slow, objects, processId: "slow" }).process(records.slice(0, 80));
    const other = createAggregator({ store, objects, processId: "other" });
    await other.process(records.slice(0, 80));
    await other.process(records.slice(80, 160));
    release();
    const report = await late;
    expect(report.capacity.failedConditions).toBeGreaterThan(0);
    for (const progress of (await readProgress(store, ["card@1", "total@1"], wholeShard.writer)).values()) {
      expect(progress).toMatchObject({ processId: "other", sequenceNumber: records[159]!.sequenceNumber });
    }
    await other.process(records.slice(160));
    await expectOnePass(store, objects);
  });

  it("lets two processes take turns on a shard", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const processes = ["one", "two"].map((processId) => createAggregator({ store, objects, processId }));
    const random = seededRandom(5);
    for (let at = 0; at < records.length; at += 30) {
      await processes[Math.floor(random() * 2)]!.process(records.slice(at, at + 30));
    }
    await expectOnePass(store, objects);
  });

  it("does not trust images that are stale although progress still vouches for them", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const stale = createAggregator({ store, objects, processId: "stale" });
    await stale.process(records.slice(0, 100));
    // Another process folds the next batch and dies before its progress is written: the table says nothing of it.
    const dying = createFaultyStore(store);
    dying.onPut = (item) => (item.pk.startsWith("#") ? "unavailable" : null);
    await createAggregator({ store: dying, objects, processId: "dying" }).process(records.slice(100, 170));
    const report = await stale.process(records.slice(100));
    await expectOnePass(store, objects);
    expect(report.warm).toBeGreaterThan(0);
    expect(report.capacity.failedConditions).toBeGreaterThan(0);
  });

  it("reaches a verdict that leaves no trace in the state from a strong read, not from a warm image", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const views = [cardPlan];
    const stale = createAggregator({ store, objects, processId: "stale", views });
    const arrivalMs = START_MS + 10 * HOUR_MS;
    const newest = paymentRecord(1, { at: arrivalMs }, { arrivalMs });
    const late = paymentRecord(2, { id: "sent-twice", at: START_MS }, { arrivalMs });
    const again = paymentRecord(3, { id: "sent-twice", at: START_MS }, { arrivalMs });
    await stale.process([newest]);
    // Another process folds the next batch, but cannot write progress: the warm image lacks the late record's id.
    const mute = createFaultyStore(store);
    mute.onPut = (item) => (item.pk.startsWith("#") ? "unavailable" : null);
    const report = await createAggregator({ store: mute, objects, processId: "mute", views }).process([late]);
    expect(report).toMatchObject({
      failedSequenceNumber: late.sequenceNumber,
      failures: [{ code: "STORE_UNAVAILABLE" }],
    });
    // From the warm image the repeat looks late; in truth it is a duplicate, which has no entry.
    expect(await stale.process([again])).toMatchObject({
      warm: 1,
      views: { "card@1": { late: 0, duplicate: 1 } },
    });
    expect(await entriesOf(objects, "late")).toMatchObject([
      { sequenceNumber: late.sequenceNumber, view: "card@1", reason: "late" },
    ]);
    const counts = (await countOutcomes({ store, objects, plans: views })).get("card@1");
    expect(counts).toMatchObject({ folded: 1, late: 1, duplicate: 1, lateEntries: 1 });
  });

  it("reads one batch of progress a batch, and items only while they are cold", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const one = createAggregator({ store, objects, processId: "one" });
    // No verdicts, which cost a read of their own.
    const plain = Array.from({ length: 90 }, (_, n) =>
      paymentRecord(n, { card: `c${n % 5}`, merchant: `m${n % 3}` }),
    );
    const first = await one.process(plain.slice(0, 30));
    // Where each of the three views begins is written once, and which views they are.
    expect(first).toMatchObject({ warm: 0, writes: 9, capacity: { readCalls: 2, writeCalls: 16 } });
    const second = await one.process(plain.slice(30, 60));
    expect(second).toMatchObject({ warm: 9, writes: 9, capacity: { readCalls: 1, writeCalls: 12 } });
    await createAggregator({ store, objects, processId: "two" }).process(plain.slice(60, 75));
    const third = await one.process(plain.slice(75));
    expect(third).toMatchObject({ warm: 0, writes: 9, capacity: { readCalls: 2, failedConditions: 0 } });
  });

  it("keeps an entity's position across shards of a split, each its own writer", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const one = createAggregator({ store, objects, processId: "one", views: [cardPlan] });
    const child = { ...wholeShard, writer: writerOf(1), ancestors: [wholeShard.writer] };
    const parentRecords = mixedRecords(60, 21);
    // In some worlds a child's numbers are lower than its parent's: they are compared shard by shard only.
    const childRecords = mixedRecords(60, 22).map((record) => ({
      ...record,
      approximateArrivalMs: record.approximateArrivalMs + 200_000,
    }));
    await one.process(parentRecords);
    await one.process(childRecords, child);
    await one.process(parentRecords);
    await one.process(childRecords, child);
    // A cold process has no verdicts of its own to lean on: only the stored entries, the parent's among them.
    const cold = createAggregator({ store, objects, processId: "cold", views: [cardPlan] });
    expect((await cold.process(parentRecords)).writes).toBe(0);
    expect((await cold.process(childRecords, child)).writes).toBe(0);
    const deliveries = [
      { shard: wholeShard, records: parentRecords },
      { shard: child, records: childRecords },
    ];
    expect(await storedItems(store)).toEqual(onePass(payments, [cardPlan], deliveries).items);
  });
});
