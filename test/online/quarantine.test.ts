import { describe, expect, it } from "vitest";
import { z } from "zod";
import { source, view } from "../../lib/define/index.ts";
import { partitionHash } from "../../lib/engine/partition-hash.ts";
import { planView } from "../../lib/engine/plan.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { countOutcomes } from "../../lib/online/counts.ts";
import { createWriteLoop } from "../../lib/online/write-loop.ts";
import { createAggregator, entriesOf } from "./fixtures/aggregator.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { onePass, storedItems } from "./fixtures/one-pass.ts";
import { cardPlan, payments } from "./fixtures/payments.ts";
import { paymentRecord, rawRecord, wholeShard } from "./fixtures/records.ts";

describe("a record that is bad is set aside and never blocks (R12)", () => {
  it.each([
    ["malformed", rawRecord(2, "{")],
    ["malformed", { ...rawRecord(2, ""), data: Uint8Array.of(0xff, 0xfe, 0x00) }],
    ["schema", rawRecord(2, JSON.stringify({ id: "x", card: "A", merchant: "M", amount: "12", at: 1 }))],
    ["kpl-aggregated", { ...rawRecord(2, ""), data: Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2, 1, 2) }],
    ["future", paymentRecord(2, { at: Date.UTC(2100, 0, 1) })],
    ["wrong-partition-key", paymentRecord(2, { card: "A" }, { partitionKey: "B" })],
  ] as const)("%s", async (reason, bad) => {
    const store = createMemoryStateStore();
    const objects = createMemoryObjectStore();
    const records = [paymentRecord(1), bad, paymentRecord(3)];
    const report = await createAggregator({ store, objects, processId: "one" }).process(records);
    expect(report).toMatchObject({ failedSequenceNumber: null, rejected: 1 });
    const entries = await entriesOf(objects, "quarantine");
    expect(entries).toMatchObject([{ reason, sequenceNumber: bad.sequenceNumber, view: null }]);
    expect(Buffer.from(entries[0]!.payload, "base64")).toEqual(Buffer.from(bad.data));
    expect((await countOutcomes({ store, objects, plans: [cardPlan] })).get("card@1")).toMatchObject({
      folded: 2,
      quarantined: 1,
    });
  });

  it("with the bytes that were delivered, wherever a record that is asked for them puts them", async () => {
    const store = createMemoryStateStore();
    const objects = createMemoryObjectStore();
    const bytes = Buffer.from("no JSON, and as long as it is");
    const kept = rawRecord(2, "");
    let asked = 0;
    const bad = {
      ...kept,
      // As Lambda's records do, from base64: in another buffer each time, at another place of it.
      get data() {
        const offset = 8 * ++asked;
        const buffer = new Uint8Array(offset + bytes.length);
        buffer.set(bytes, offset);
        return buffer.subarray(offset);
      },
    };
    await createAggregator({ store, objects, processId: "one" }).process([bad]);
    const [entry] = await entriesOf(objects, "quarantine");
    expect(Buffer.from(entry!.payload, "base64").toString()).toBe(bytes.toString());
  });

  it("a key put with an explicit hash key outside the delivering shard", async () => {
    const store = createMemoryStateStore();
    const objects = createMemoryObjectStore();
    const half = "8".padEnd(32, "0");
    const isLow = partitionHash("A") < half;
    const other = {
      start: isLow ? half : "0".repeat(32),
      end: isLow ? "f".repeat(32) : `7${"f".repeat(31)}`,
    };
    const aggregator = createAggregator({ store, objects, processId: "one" });
    await aggregator.process([paymentRecord(1, { card: "A" })], {
      ...wholeShard,
      hashRange: other,
    });
    expect(await entriesOf(objects, "quarantine")).toMatchObject([{ reason: "wrong-partition-key" }]);
    expect(await storedItems(store)).toEqual({});
  });

  it("ill-formed Unicode in a key: for the view that it is a key of, and no other", async () => {
    const store = createMemoryStateStore();
    const objects = createMemoryObjectStore();
    const text = JSON.stringify({ id: "x", card: "A", merchant: "#", amount: 1, at: Date.UTC(2026, 5, 1) });
    const bad = rawRecord(1, text.replace("#", "\\ud800"));
    const report = await createAggregator({ store, objects, processId: "one" }).process([bad]);
    expect(report.failedSequenceNumber).toBeNull();
    expect(await entriesOf(objects, "quarantine")).toMatchObject([
      { reason: "ill-formed-unicode", view: "merchant@1", sequenceNumber: bad.sequenceNumber },
    ]);
    expect(report.views).toMatchObject({
      "card@1": { folded: 1, quarantined: 0 },
      "merchant@1": { folded: 0, quarantined: 1 },
      "total@1": { folded: 1, quarantined: 0 },
    });
  });

  it("a key too long to be kept in its item: for the view that it is a key of, and no other", async () => {
    const store = createMemoryStateStore();
    const objects = createMemoryObjectStore();
    const kept = "k".repeat(30_000);
    const records = [kept, "k".repeat(40_000)].map((merchant, n) =>
      paymentRecord(n, { card: "A", merchant }),
    );
    const report = await createAggregator({ store, objects, processId: "one" }).process(records);
    expect(report.failedSequenceNumber).toBeNull();
    expect(await entriesOf(objects, "quarantine")).toMatchObject([
      { reason: "key-too-long", view: "merchant@1", sequenceNumber: records[1]!.sequenceNumber },
    ]);
    expect(report.views).toMatchObject({
      "card@1": { folded: 2, quarantined: 0 },
      "merchant@1": { folded: 1, quarantined: 1 },
    });
  });

  it("a row on which the definition's own function throws", async () => {
    const picky = view("picky", {
      version: 1,
      source: payments,
      entity: "card",
      sla: "1m",
      where: (row) => {
        if (row.amount === 666) throw new RangeError("no such amount");
        return true;
      },
      features: (t) => ({ count: t.count().over("1h") }),
    });
    const records = [1, 666, 3, 4].map((amount, n) => paymentRecord(n, { amount }));
    const views = [planView(picky)];
    const good = onePass(payments, views, [
      { shard: wholeShard, records: records.filter((_, n) => n !== 1) },
    ]);
    for (const size of [1, 2, 4]) {
      const store = createMemoryStateStore();
      const objects = createMemoryObjectStore();
      const aggregator = createAggregator({ store, objects, processId: "one", views });
      for (let at = 0; at < records.length; at += size) {
        expect((await aggregator.process(records.slice(at, at + size))).failedSequenceNumber).toBeNull();
      }
      expect(await storedItems(store)).toEqual(good.items);
      expect(await entriesOf(objects, "quarantine")).toMatchObject([
        { reason: "function-threw", view: "picky@1", sequenceNumber: records[1]!.sequenceNumber },
      ]);
      expect((await countOutcomes({ store, objects, plans: views })).get("picky@1")).toMatchObject({
        folded: 3,
        quarantined: 1,
      });
    }
  });

  it("a record that would push its item past 350 KB (R15)", async () => {
    const wide = source("wide", {
      schema: z.object({ id: z.string(), key: z.string(), at: z.number() }),
      partitionKey: "key",
      eventTime: "at",
      eventId: "id",
    });
    const plan = planView(
      view("wide", {
        version: 1,
        source: wide,
        entity: "key",
        sla: "1m",
        dedup: { count: 10_000 },
        // Text of up to its bound in every tile of 1 s: the quickest way to a large item.
        features: (t) => ({ last: t.last("id").over("1h", { hop: "1s" }) }),
      }),
    );
    const text = "x".repeat(200);
    const start = Date.UTC(2026, 5, 1);
    const records = Array.from({ length: 1_600 }, (_, n) => ({
      ...paymentRecord(n, {}, { arrivalMs: start + 3_600_000 }),
      partitionKey: "A",
      data: Buffer.from(JSON.stringify({ id: `${n}-${text}`, key: "A", at: start + n * 1500 })),
    }));
    const counts: unknown[] = [];
    for (const size of [400, 1_600]) {
      const store = createMemoryStateStore();
      const objects = createMemoryObjectStore();
      const loop = createWriteLoop({ source: wide, plans: [plan], store, objects, processId: "one" });
      for (let at = 0; at < records.length; at += size) {
        const report = await loop.processBatch({ shard: wholeShard, records: records.slice(at, at + size) });
        expect(report.failedSequenceNumber).toBeNull();
      }
      const count = (await countOutcomes({ store, objects, plans: [plan] })).get("wide@1")!;
      counts.push(count);
      expect(count.quarantined).toBeGreaterThan(10);
      expect(count.folded + count.quarantined + count.duplicate + count.late).toBe(records.length);
    }
    expect(counts[0]).toEqual(counts[1]);
  });

  it("hashed keys: an item of another key of the same hash is left alone, loudly", async () => {
    const store = createMemoryStateStore();
    const objects = createMemoryObjectStore();
    const long = "k".repeat(1_500);
    const aggregator = createAggregator({ store, objects, processId: "one", views: [cardPlan] });
    await aggregator.process([paymentRecord(1, { card: long })]);
    const [pk] = Object.keys(await storedItems(store));
    const item = (await store.get([pk!], { consistent: true })).get(pk!)!;
    expect(item.key).toBe(`card@1|s${long}`);
    await store.put({ ...item, key: "card@1|sanother" }, { expected: { position: item.position! } });
    const fresh = createAggregator({ store, objects, processId: "two", views: [cardPlan] });
    const report = await fresh.process([paymentRecord(2, { card: long })]);
    expect(report).toMatchObject({ failures: [{ code: "KEY_COLLISION" }], writes: 0 });
    expect(report.failedSequenceNumber).not.toBeNull();
  });
});
