import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeliveredRecord } from "../../lib/engine/record.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { readChannel } from "../../lib/online/channels.ts";
import { countOutcomes } from "../../lib/online/counts.ts";
import type { StateStore } from "../../lib/online/state-store.ts";
import { createWriteLoop } from "../../lib/online/write-loop.ts";
import { startTables, type TestTables } from "./fixtures/dynalite.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { onePass, storedItems } from "./fixtures/one-pass.ts";
import { payments, plans } from "./fixtures/payments.ts";
import { mixedRecords, wholeShard } from "./fixtures/records.ts";

async function foldInBatches(store: StateStore, records: readonly DeliveredRecord[], size: number) {
  const objects = createMemoryObjectStore();
  const loop = createWriteLoop({ source: payments, plans, store, objects, processId: "one" });
  for (let at = 0; at < records.length; at += size) {
    const report = await loop.processBatch({ shard: wholeShard, records: records.slice(at, at + size) });
    expect(report.failedSequenceNumber).toBeNull();
  }
  return objects;
}

async function expectOnePass(store: StateStore, records: readonly DeliveredRecord[], size: number) {
  const objects = await foldInBatches(store, records, size);
  const expected = onePass(payments, plans, [{ shard: wholeShard, records }]);
  expect(await storedItems(store)).toEqual(expected.items);
  const counts = await countOutcomes({ store, objects, plans });
  for (const plan of plans) {
    const stored = counts.get(plan.id)!;
    expect(stored).toMatchObject(expected.counts[plan.id]!);
    const { folded, duplicate, late, excluded, quarantined } = stored;
    expect(folded + duplicate + late + excluded + quarantined).toBe(records.length);
    expect(stored.lateEntries).toBe(late);
  }
  return { objects, counts };
}

describe("batch boundaries leave the bytes of one pass (R1)", () => {
  const many = mixedRecords(12_000, 1);

  it.each([7, 100, 10_000])("batches of %i, in memory", async (size) => {
    const { counts } = await expectOnePass(createMemoryStateStore(), many, size);
    // The workload holds something of every outcome, else the sums would prove little.
    const merchants = counts.get("merchant@1")!;
    for (const outcome of ["folded", "duplicate", "late", "excluded", "quarantined"] as const) {
      expect(merchants[outcome]).toBeGreaterThan(10);
    }
  });

  describe("on dynalite", () => {
    let tables: TestTables;
    beforeAll(async () => {
      tables = await startTables();
    });
    afterAll(() => tables.stop());

    it.each([1, 7, 100, 10_000])("batches of %i", async (size) => {
      await expectOnePass(await tables.store(), mixedRecords(120, 2), size);
    });
  });

  it("sorts a batch that is out of order, so that no record is taken for folded", async () => {
    const store = createMemoryStateStore();
    const records = mixedRecords(50, 3);
    await foldInBatches(store, [...records].reverse(), 50);
    expect(await storedItems(store)).toEqual(
      onePass(payments, plans, [{ shard: wholeShard, records }]).items,
    );
  });

  it("keeps the whole payload and the identity of what it sets aside", async () => {
    const records = mixedRecords(300, 2);
    const objects = await foldInBatches(createMemoryStateStore(), records, 100);
    const byNumber = new Map(records.map((record) => [record.sequenceNumber, record]));
    let entries = 0;
    for await (const entry of readChannel(objects, "quarantine")) {
      const record = byNumber.get(entry.sequenceNumber)!;
      expect(Buffer.from(entry.payload, "base64")).toEqual(Buffer.from(record.data));
      expect(entry).toMatchObject({
        source: "payments",
        writer: wholeShard.writer,
        view: null,
        partitionKey: record.partitionKey,
        arrivalMs: record.approximateArrivalMs,
      });
      entries++;
    }
    expect(entries).toBeGreaterThan(5);
  });
});
