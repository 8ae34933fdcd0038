import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FreshetError } from "../../lib/define/error.ts";
import type { ObjectStore } from "../../lib/engine/ports/object-store.ts";
import { compareSequenceNumbers, decodePosition } from "../../lib/engine/position.ts";
import type { DeliveredRecord } from "../../lib/engine/record.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { countOutcomes } from "../../lib/online/counts.ts";
import { readProgress } from "../../lib/online/progress.ts";
import type { StateStore } from "../../lib/online/state-store.ts";
import { createAggregator, entriesOf } from "./fixtures/aggregator.ts";
import { startTables, type TestTables } from "./fixtures/dynalite.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { onePass, storedItems } from "./fixtures/one-pass.ts";
import { cardPlan, payments, plans } from "./fixtures/payments.ts";
import { mixedRecords, paymentRecord, rawRecord, wholeShard } from "./fixtures/records.ts";

/** An object store that is out of reach as long as a test says. */
function createGatedObjects(): ObjectStore & { open: boolean } {
  const objects = createMemoryObjectStore();
  const gated = {
    ...objects,
    open: true,
    async put(key: string, body: Uint8Array) {
      if (!gated.open) throw new FreshetError("OBJECT_STORE_UNWRITABLE", "the test keeps it shut.");
      await objects.put(key, body);
    },
  };
  return gated;
}

function lastFolded(item: string): string {
  return decodePosition(Buffer.from(item.split(" ")[0]!, "hex"))[0]!.sequenceNumber;
}

describe("what fails for an outside cause is delivered again, and loses nothing (R2, R12)", () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startTables();
  });
  afterAll(() => tables.stop());

  const records = mixedRecords(150, 31);
  const expected = onePass(payments, plans, [{ shard: wholeShard, records }]);

  async function expectOnePass(store: StateStore, objects: ObjectStore) {
    expect(await storedItems(store)).toEqual(expected.items);
    const counts = await countOutcomes({ store, objects, plans });
    for (const plan of plans) {
      expect(counts.get(plan.id)).toMatchObject(expected.counts[plan.id]!);
      expect(counts.get(plan.id)!.lateEntries).toBe(expected.counts[plan.id]!.late);
    }
  }

  /** Delivers as Lambda does: from the lowest unfinished record on, until all are finished. */
  async function deliverUntilFinished(
    aggregator: ReturnType<typeof createAggregator>,
    afterEach: () => Promise<void> = async () => {},
  ): Promise<number> {
    let from = 0;
    for (let deliveries = 1; ; deliveries++) {
      const report = await aggregator.process(records.slice(from));
      await afterEach();
      if (report.failedSequenceNumber === null) return deliveries;
      from = records.findIndex((record) => record.sequenceNumber === report.failedSequenceNumber);
      expect(from).toBeGreaterThanOrEqual(0);
      expect(deliveries).toBeLessThan(50);
    }
  }

  it.each(["lost", "applied-unanswered"] as const)(
    "a write in doubt that was %s is read again",
    async (fault) => {
      const store = await tables.store();
      const objects = createMemoryObjectStore();
      const faulty = createFaultyStore(store);
      let writes = 0;
      faulty.onPut = () => (++writes % 3 === 0 ? fault : null);
      const aggregator = createAggregator({ store: faulty, objects, processId: "one" });
      for (let at = 0; at < records.length; at += 50) {
        const report = await aggregator.process(records.slice(at, at + 50));
        expect(report.failedSequenceNumber).toBeNull();
        // A write that was applied is recognised by its position, and not counted as folded by somebody else.
        for (const outcomes of Object.values(report.views)) expect(outcomes.alreadyFolded).toBe(0);
      }
      await expectOnePass(store, objects);
    },
  );

  it("a write in doubt is not taken for that of an overlapping invocation, which began from more", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const some = [1, 2, 3, 4].map((number) => paymentRecord(number, { card: "c1" }));
    const [first, second, third, fourth] = some as [
      DeliveredRecord,
      DeliveredRecord,
      DeliveredRecord,
      DeliveredRecord,
    ];
    const warm = createFaultyStore(store);
    const other = createFaultyStore(store);
    const warmProcess = createAggregator({ store: warm, objects, processId: "warm" });
    const otherProcess = createAggregator({ store: other, objects, processId: "other" });
    await warmProcess.process([first]);
    // The other's progress never arrives, so that the first one's images are still vouched for.
    other.onPut = ({ pk }) => (pk.startsWith("#progress") ? "lost" : null);
    await otherProcess.process([second]);
    await otherProcess.process([third]);
    warm.onPut = ({ pk }) => (pk.startsWith("#") ? null : "lost");
    await warmProcess.process([third]);
    warm.onPut = () => null;
    await warmProcess.process([fourth]);
    const once = onePass(payments, plans, [{ shard: wholeShard, records: some }]);
    expect(await storedItems(store)).toEqual(once.items);
  });

  it("a store that drops out at random delays, and no more", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const faulty = createFaultyStore(store);
    let calls = 0;
    faulty.onPut = () => (++calls % 7 === 0 ? "unavailable" : null);
    faulty.onGet = () => (++calls % 11 === 0 ? "unavailable" : null);
    const aggregator = createAggregator({ store: faulty, objects, processId: "one" });
    const deliveries = await deliverUntilFinished(aggregator, async () => {
      // Progress is never ahead of a record that is not finished.
      const stored = await storedItems(store);
      const progress = await readProgress(
        store,
        plans.map((plan) => plan.id),
        wholeShard.writer,
      );
      for (const [viewId, { sequenceNumber }] of progress) {
        const through = records.findIndex((record) => record.sequenceNumber === sequenceNumber) + 1;
        const plan = plans.filter((candidate) => candidate.id === viewId);
        const prefix = onePass(payments, plan, [{ shard: wholeShard, records: records.slice(0, through) }]);
        for (const [pk, item] of Object.entries(prefix.items)) {
          expect(compareSequenceNumbers(lastFolded(stored[pk]!), lastFolded(item))).toBeGreaterThanOrEqual(0);
        }
      }
    });
    expect(deliveries).toBeGreaterThan(2);
    await expectOnePass(store, objects);
  });

  it("a crash between entries and states leaves each entry once", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const crashing = createFaultyStore(store);
    // The process ends at its first write of a state: what it awaits never comes, and another takes over.
    const crashed = new Promise<void>((resolve) => {
      crashing.onPut = (item) => {
        if (item.pk.startsWith("#")) return null;
        resolve();
        return new Promise(() => {});
      };
    });
    void createAggregator({ store: crashing, objects, processId: "crashing" }).process(records);
    await crashed;
    const before = {
      late: await entriesOf(objects, "late"),
      quarantine: await entriesOf(objects, "quarantine"),
    };
    expect(before.late.length).toBeGreaterThan(0);
    expect(await storedItems(store)).toEqual({});
    await createAggregator({ store, objects, processId: "next" }).process(records.slice(0, 90));
    await createAggregator({ store, objects, processId: "third" }).process(records.slice(90));
    await expectOnePass(store, objects);
    expect((await entriesOf(objects, "late")).length).toBe(before.late.length);
    expect((await entriesOf(objects, "quarantine")).length).toBe(before.quarantine.length);
  });

  it("a crash between states keeps the entries of those that were written", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const crashing = createFaultyStore(store);
    let writes = 0;
    crashing.onPut = (item) => (item.pk.startsWith("#") || ++writes <= 6 ? null : new Promise(() => {}));
    void createAggregator({ store: crashing, objects, processId: "crashing" }).process(records);
    await expect.poll(async () => Object.keys(await storedItems(store)).length).toBe(6);
    // The next finds those entities folded and reaches fewer verdicts: its object must not replace the first one.
    await createAggregator({ store, objects, processId: "next" }).process(records);
    await expectOnePass(store, objects);
  });

  it("an object store that is shut holds back what has an entry, and nothing it does not", async () => {
    const store = await tables.store();
    const objects = createGatedObjects();
    objects.open = false;
    const views = [cardPlan];
    const batch = [paymentRecord(1), rawRecord(2, "poison"), paymentRecord(3)];
    const aggregator = createAggregator({ store, objects, processId: "one", views });
    const report = await aggregator.process(batch);
    expect(report).toMatchObject({
      failedSequenceNumber: batch[1]!.sequenceNumber,
      failures: [{ code: "OBJECT_STORE_UNWRITABLE" }],
      views: { "card@1": { quarantined: 0 } },
    });
    const progress = await readProgress(store, ["card@1"], wholeShard.writer);
    expect(progress.get("card@1")!.sequenceNumber).toBe(batch[0]!.sequenceNumber);
    objects.open = true;
    await aggregator.process(batch.slice(1));
    const counts = (await countOutcomes({ store, objects, plans: views })).get("card@1");
    expect(counts).toMatchObject({ folded: 2, quarantined: 1 });
  });

  it("a state whose late entry cannot be written is not written either", async () => {
    const store = await tables.store();
    const objects = createGatedObjects();
    const views = [cardPlan];
    const arrivalMs = paymentRecord(1).approximateArrivalMs + 36_000_000;
    const batch = [
      paymentRecord(1, { card: "A", at: arrivalMs }, { arrivalMs }),
      paymentRecord(2, { card: "A" }, { arrivalMs }),
      paymentRecord(3, { card: "B", at: arrivalMs }, { arrivalMs }),
    ];
    objects.open = false;
    const aggregator = createAggregator({ store, objects, processId: "one", views });
    const report = await aggregator.process(batch);
    expect(report.failedSequenceNumber).toBe(batch[0]!.sequenceNumber);
    expect(Object.keys(await storedItems(store))).toEqual(["card@1|sB"]);
    expect((await readProgress(store, ["card@1"], wholeShard.writer)).size).toBe(0);
    objects.open = true;
    await aggregator.process(batch);
    expect(await storedItems(store)).toEqual(
      onePass(payments, views, [{ shard: wholeShard, records: batch }]).items,
    );
    expect(await entriesOf(objects, "late")).toMatchObject([{ sequenceNumber: batch[1]!.sequenceNumber }]);
  });

  it("an item of an unknown codec version makes the shard wait and stays as it is (R13)", async () => {
    const store = await tables.store();
    const objects = createMemoryObjectStore();
    const views = [cardPlan];
    const first = createAggregator({ store, objects, processId: "one", views });
    await first.process([paymentRecord(1, { card: "A" }), paymentRecord(2, { card: "B" })]);
    const item = (await store.get(["card@1|sB"], { consistent: true })).get("card@1|sB")!;
    const newer = Uint8Array.from(item.image as Uint8Array);
    newer[0] = 250;
    const future = { ...item, image: newer };
    await store.put(future, { expected: { position: item.position! } });

    const batch = [
      paymentRecord(3, { card: "A" }),
      paymentRecord(4, { card: "B" }),
      paymentRecord(5, { card: "C" }),
    ];
    const report = await createAggregator({ store, objects, processId: "two", views }).process(batch);
    expect(report).toMatchObject({
      failedSequenceNumber: batch[1]!.sequenceNumber,
      failures: [{ code: "IMAGE_VERSION_UNKNOWN" }],
      views: { "card@1": { unfinished: 1, quarantined: 0 } },
    });
    const after = (await store.get(["card@1|sB"], { consistent: true })).get("card@1|sB")!;
    expect(Buffer.from(after.image as Uint8Array)).toEqual(Buffer.from(newer));
    expect((await readProgress(store, ["card@1"], wholeShard.writer)).get("card@1")!.sequenceNumber).toBe(
      batch[0]!.sequenceNumber,
    );
    expect(await objects.list("")).toEqual([]);
  });

  it("gives up on an item that others change without end, and reports it", async () => {
    const store = await tables.store();
    const faulty = createFaultyStore(store);
    faulty.onPut = (item) => (item.pk === "card@1|sB" ? "lost" : null);
    const objects = createMemoryObjectStore();
    const aggregator = createAggregator({ store: faulty, objects, processId: "one", views: [cardPlan] });
    const batch = [paymentRecord(1), paymentRecord(2, { card: "B" }), paymentRecord(3, { card: "C" })];
    const report = await aggregator.process(batch);
    expect(report).toMatchObject({
      failedSequenceNumber: batch[1]!.sequenceNumber,
      failures: [{ code: "STORE_UNAVAILABLE" }],
    });
    expect(Object.keys(await storedItems(store)).sort()).toEqual(["card@1|sA", "card@1|sC"]);
  });

  it("reports the whole batch when progress cannot be read", async () => {
    const faulty = createFaultyStore(await tables.store());
    faulty.onGet = () => "unavailable";
    const aggregator = createAggregator({
      store: faulty,
      objects: createMemoryObjectStore(),
      processId: "one",
    });
    expect(await aggregator.process(records)).toMatchObject({
      failedSequenceNumber: records[0]!.sequenceNumber,
      failures: [{ code: "STORE_UNAVAILABLE" }],
      writes: 0,
    });
  });
});
