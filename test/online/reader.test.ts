import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hashRange, partitionHash, rangeHolds } from "../../lib/engine/partition-hash.ts";
import { writerName } from "../../lib/engine/position.ts";
import type { DeliveredRecord } from "../../lib/engine/record.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { markUnknown } from "../../lib/online/amend-progress.ts";
import { createCapacityMeter } from "../../lib/online/capacity-meter.ts";
import { coalesceReads } from "../../lib/online/coalesce-reads.ts";
import type { StreamDescription } from "../../lib/online/describe-stream.ts";
import { createReader, type FeatureReader } from "../../lib/online/reader.ts";
import { createShardDirectory, type ShardDirectory } from "../../lib/online/shard-directory.ts";
import type { StateStore } from "../../lib/online/state-store.ts";
import { type Aggregator, createAggregator } from "./fixtures/aggregator.ts";
import { startTables, type TestTables } from "./fixtures/dynalite.ts";
import { createFaultyStore, type FaultyStore } from "./fixtures/faulty-store.ts";
import { cardPlan, merchantPlan, payments, plans, totalPlan } from "./fixtures/payments.ts";
import { heartbeatRecord, paymentRecord, START_MS, sequenceNumber } from "./fixtures/records.ts";

const HOUR_MS = 3_600_000;
const HALF = 2n ** 127n;
const LOW = hashRange("0", (HALF - 1n).toString());
const HIGH = hashRange(HALF.toString(), (2n ** 128n - 1n).toString());
/** Two cards, one in each half of the hash space. */
const cards = ["A", "B", "C", "D", "E"];
const lowCard = cards.find((key) => rangeHolds(LOW, partitionHash(key)))!;
const highCard = cards.find((key) => rangeHolds(HIGH, partitionHash(key)))!;

describe("the reader (R7, R11)", () => {
  let tables: TestTables;
  let store: FaultyStore;
  let direct: StateStore;
  let aggregator: Aggregator;
  let directory: ShardDirectory;
  let reader: FeatureReader;
  let stream: StreamDescription;
  const clock = { ms: 0, now: () => clock.ms };
  const meter = createCapacityMeter();
  /** The keys of each read, in order. */
  let reads: string[][];

  beforeAll(async () => {
    tables = await startTables();
  });
  afterAll(() => tables.stop());
  beforeEach(async () => {
    direct = await tables.store();
    store = createFaultyStore(direct);
    reads = [];
    store.onGet = (keys) => {
      reads.push([...keys]);
      return null;
    };
    clock.ms = START_MS;
    stream = {
      arn: "arn:stream",
      createdMs: 1,
      shards: [
        { shardId: "shardId-000000000000", hashRange: LOW, parents: [], open: true },
        { shardId: "shardId-000000000001", hashRange: HIGH, parents: [], open: true },
      ],
    };
    const describe = async () => stream;
    directory = createShardDirectory({ describe, store: direct, clock, plans });
    aggregator = createAggregator({ store: direct, objects: createMemoryObjectStore(), processId: "one" });
    // Without memory, so that each read shows what is stored; remembering has a test of its own.
    reader = createReader({ store, clock, controlMs: 0, progressMs: 0, meter });
  });

  async function deliver(shard: number, ...records: DeliveredRecord[]) {
    const context = await directory.shardOf(payments, `shardId-${String(shard).padStart(12, "0")}`);
    return aggregator.process(records, context);
  }
  const at = (ms: number) => ({ arrivalMs: START_MS + ms });
  async function readOne(plan = cardPlan, key: readonly string[] = [lowCard], options = {}) {
    return (await reader.read([{ plan, key }], options))[0]!;
  }

  it("answers values, lag, SLA, status and position", async () => {
    await deliver(0, heartbeatRecord(0, START_MS - HOUR_MS));
    await deliver(0, paymentRecord(1, { card: lowCard, amount: 10 }, at(5_000)));
    await deliver(0, paymentRecord(2, { card: lowCard, amount: 5 }, at(HOUR_MS)));
    clock.ms = START_MS + HOUR_MS + 20_000;
    expect(await readOne()).toEqual({
      view: "card",
      version: 1,
      key: [lowCard],
      known: true,
      values: { count_5m: 0, count_1h: 2, spend_5m: null, spend_1h: 15, average_1h: 7.5 },
      asOfMs: clock.ms,
      lagMs: 20_000,
      slaMs: 60_000,
      status: "fresh",
      warming: false,
      consistent: true,
      positions: [
        { writer: writerName("arn:stream", 1, "shardId-000000000000"), sequenceNumber: sequenceNumber(2) },
      ],
    });
  });

  it("reads 250 entities in one call of the store, which is 3 round trips of up to 100 keys", async () => {
    await deliver(0, paymentRecord(1, { card: lowCard, amount: 10 }, at(5_000)));
    clock.ms = START_MS + 20_000;
    const requests = Array.from({ length: 250 }, (_, i) => ({
      plan: cardPlan,
      key: [i === 7 ? lowCard : `card ${i}`],
    }));
    meter.readCalls = 0;
    const readings = await reader.readEach(requests);
    expect(readings.map((reading) => "known" in reading && reading.known)).toEqual(
      requests.map((_, i) => i === 7),
    );
    expect(reads.filter((keys) => keys.length > 1 && !keys[0]!.startsWith("#"))).toHaveLength(1);
    // One call each for control and progress, and three for the items.
    expect(meter.readCalls).toBe(5);
  });

  it("answers an entity that cannot be read by its error, beside the others", async () => {
    await deliver(0, paymentRecord(1, { card: lowCard, amount: 10 }, at(5_000)));
    clock.ms = START_MS + 20_000;
    const readings = await reader.readEach([
      { plan: cardPlan, key: ["\ud800"] },
      { plan: cardPlan, key: [lowCard] },
      { plan: cardPlan, key: [] },
    ]);
    expect(readings).toMatchObject([
      { code: "ENTITY_KEY_INVALID" },
      { known: true, values: { count_1h: 1 } },
      { code: "ENTITY_KEY_INVALID" },
    ]);
    await expect(reader.read([{ plan: cardPlan, key: ["\ud800"] }])).rejects.toMatchObject({
      code: "ENTITY_KEY_INVALID",
    });
  });

  it("tells how fresh views are, by shard, the worst counting for the view", async () => {
    expect(await reader.freshness([cardPlan])).toEqual([
      { asOfMs: START_MS, slaMs: 60_000, lagMs: null, status: "unknown", warming: null, shards: [] },
    ]);
    await deliver(0, heartbeatRecord(1, START_MS - HOUR_MS), heartbeatRecord(2, START_MS + HOUR_MS));
    await deliver(1, heartbeatRecord(1, START_MS), heartbeatRecord(2, START_MS + 40_000));
    clock.ms = START_MS + HOUR_MS + 30_000;
    const [low, high] = [0, 1].map((shard) => writerName("arn:stream", 1, `shardId-00000000000${shard}`));
    expect(await reader.freshness([cardPlan, totalPlan])).toMatchObject([
      {
        lagMs: HOUR_MS - 11_000,
        status: "stale",
        shards: [
          { writer: low, open: true, lagMs: 29_000, status: "fresh", sequenceNumber: sequenceNumber(2) },
          { writer: high, open: true, lagMs: HOUR_MS - 11_000, status: "stale" },
        ],
      },
      { lagMs: HOUR_MS - 11_000, status: "stale" },
    ]);
    await markUnknown(direct, cardPlan.id, { writer: low! });
    expect((await reader.freshness([cardPlan]))[0]).toMatchObject({
      lagMs: null,
      status: "unknown",
      shards: [{ lagMs: null, status: "unknown" }, { status: "stale" }],
    });
  });

  it("reads an entity's tiles with the freshness and positions of a read", async () => {
    await deliver(0, paymentRecord(1, { card: lowCard, amount: 10 }, at(5_000)));
    await deliver(0, paymentRecord(2, { card: lowCard, amount: 5 }, at(HOUR_MS)));
    clock.ms = START_MS + HOUR_MS + 20_000;
    const { values: _, ...reading } = await readOne();
    const history = await reader.readHistory({ plan: cardPlan, key: [lowCard] }, { features: ["count_1h"] });
    expect(history).toMatchObject({ ...reading, withoutTiles: [] });
    expect(history.series).toHaveLength(1);
    // Both payments happened in one tile.
    expect(history.series[0]!.tiles.map(({ value }) => value)).toEqual([2]);
    expect((await reader.readHistory({ plan: cardPlan, key: ["never"] })).known).toBe(false);
  });

  it("tells never seen, empty and warming apart", async () => {
    expect(await readOne()).toMatchObject({ known: false, status: "unknown", lagMs: null, positions: [] });
    await deliver(0, paymentRecord(1, { card: lowCard }, at(2_000)), heartbeatRecord(2, START_MS + 1_000));
    clock.ms = START_MS + 3_000;
    expect(await readOne()).toMatchObject({ known: true, status: "warming", warming: true });
    expect(await readOne(cardPlan, ["never"])).toMatchObject({
      known: false,
      values: { count_1h: 0, average_1h: null },
    });
    clock.ms = START_MS + 3 * HOUR_MS;
    await deliver(0, heartbeatRecord(3, clock.ms - 1_000));
    expect(await readOne()).toMatchObject({
      known: true,
      status: "fresh",
      values: { count_1h: 0, average_1h: null },
    });
    // A day's dedup horizon later the item has expired, and reads as never seen although it is still there.
    clock.ms = START_MS + 30 * HOUR_MS;
    await deliver(0, heartbeatRecord(4, clock.ms - 1_000));
    expect(await readOne()).toMatchObject({ known: false, status: "fresh", values: { count_1h: 0 } });
  });

  it("takes a single-writer entity's lag from the shard of its key, a view's of many writers from the worst", async () => {
    clock.ms = START_MS + 5 * HOUR_MS;
    await deliver(0, heartbeatRecord(1, START_MS), heartbeatRecord(2, clock.ms - 11_000));
    await deliver(1, heartbeatRecord(1, START_MS), heartbeatRecord(2, clock.ms - 301_000));
    expect(await readOne(cardPlan, [lowCard])).toMatchObject({ lagMs: 10_000, status: "fresh" });
    expect(await readOne(cardPlan, [highCard])).toMatchObject({ lagMs: 300_000, status: "stale" });
    expect(await readOne(merchantPlan, ["M"])).toMatchObject({ lagMs: 300_000, status: "stale" });
    expect(await readOne(totalPlan, [])).toMatchObject({ lagMs: 300_000, status: "stale" });
  });

  it("merges the items of every shard of a view of many writers", async () => {
    await deliver(0, paymentRecord(1, { card: lowCard, amount: 10 }));
    await deliver(1, paymentRecord(7, { card: highCard, amount: 20 }));
    clock.ms = START_MS + 9_000;
    const [merchant, total] = await reader.read([
      { plan: merchantPlan, key: ["M"] },
      { plan: totalPlan, key: [] },
    ]);
    expect(merchant!.values).toEqual({ count_1h: 2, spend_1h: 30 });
    expect(total!.values).toEqual({ count_1h: 2, largest_1h: 20 });
    expect(merchant!.positions).toEqual([
      { writer: writerName("arn:stream", 1, "shardId-000000000000"), sequenceNumber: sequenceNumber(1) },
      { writer: writerName("arn:stream", 1, "shardId-000000000001"), sequenceNumber: sequenceNumber(7) },
    ]);
  });

  it("goes on through a split: the closed shard's items are merged, and it counts until its children do", async () => {
    await deliver(
      0,
      heartbeatRecord(0, START_MS - 3 * HOUR_MS),
      paymentRecord(1, { card: lowCard, amount: 10 }),
    );
    await deliver(
      1,
      heartbeatRecord(0, START_MS - 3 * HOUR_MS),
      paymentRecord(1, { card: highCard, amount: 20 }),
    );
    const [low, high] = stream.shards;
    const quarter = hashRange("0", (HALF / 2n - 1n).toString());
    const rest = hashRange((HALF / 2n).toString(), (HALF - 1n).toString());
    stream = {
      ...stream,
      shards: [
        { ...low!, open: false },
        high!,
        { shardId: "shardId-000000000002", hashRange: quarter, parents: [low!.shardId], open: true },
        { shardId: "shardId-000000000003", hashRange: rest, parents: [low!.shardId], open: true },
      ],
    };
    const [mine, sibling] = rangeHolds(quarter, partitionHash(lowCard)) ? [2, 3] : [3, 2];
    await deliver(1, heartbeatRecord(5, START_MS + 60_000));
    await deliver(mine, paymentRecord(1, { card: lowCard, amount: 30, id: "p9" }, at(50_000)));
    clock.ms = START_MS + 62_000;
    // For the card, its own child has taken over; for the merchant, the parent counts for the other child's sake.
    expect(await readOne()).toMatchObject({ lagMs: 12_000, status: "fresh", values: { spend_1h: 40 } });
    expect(await readOne(merchantPlan, ["M"])).toMatchObject({
      lagMs: 60_000,
      status: "fresh",
      values: { count_1h: 3, spend_1h: 60 },
    });
    await deliver(sibling, heartbeatRecord(1, clock.ms - 1_000));
    expect(await readOne(merchantPlan, ["M"])).toMatchObject({ lagMs: 12_000 });
  });

  it("is unknown for a shard whose records are known to be lost", async () => {
    clock.ms = START_MS + 5 * HOUR_MS;
    for (const shard of [0, 1]) {
      await deliver(shard, heartbeatRecord(1, START_MS), heartbeatRecord(2, clock.ms - 1_000));
    }
    const writer = writerName("arn:stream", 1, "shardId-000000000000");
    await markUnknown(direct, "card@1", { writer });
    expect(await readOne(cardPlan, [lowCard])).toMatchObject({ status: "unknown", lagMs: null });
    expect(await readOne(cardPlan, [highCard])).toMatchObject({ status: "fresh" });
  });

  it("never calls an eventual read fresh, and says what it is", async () => {
    clock.ms = START_MS + 5 * HOUR_MS;
    await deliver(
      0,
      heartbeatRecord(1, START_MS),
      paymentRecord(2, { card: lowCard }, { arrivalMs: clock.ms }),
    );
    expect(await readOne(cardPlan, [lowCard], { consistent: false })).toMatchObject({
      status: "unknown",
      lagMs: null,
      consistent: false,
      known: true,
    });
  });

  it("reads progress before the items, and all items of a call at once", async () => {
    await deliver(0, paymentRecord(1, { card: lowCard }));
    await deliver(1, paymentRecord(1, { card: highCard }));
    reads = [];
    await reader.read([
      { plan: cardPlan, key: [lowCard] },
      { plan: cardPlan, key: [highCard] },
      { plan: merchantPlan, key: ["M"] },
      { plan: totalPlan, key: [] },
    ]);
    expect(reads.map((keys) => keys.length)).toEqual([1, 6, 6]);
    expect(reads[0]![0]).toMatch(/^#stream/);
    expect(reads[1]!.every((key) => key.startsWith("#progress"))).toBe(true);
    expect(reads[2]!.some((key) => key.startsWith("#"))).toBe(false);
  });

  it("never answers items that are older than the lag it tells", async () => {
    await deliver(0, heartbeatRecord(0, START_MS - 3 * HOUR_MS), paymentRecord(1, { card: lowCard }));
    clock.ms = START_MS + 10_000;
    // Between the two reads another batch is folded: the answer may hold more than its lag says, never less.
    store.onGet = async (keys) => {
      if (keys.some((key) => key.startsWith("card@1"))) {
        await deliver(0, paymentRecord(2, { card: lowCard }, at(9_000)));
      }
      return null;
    };
    const reading = await readOne();
    expect(reading).toMatchObject({ lagMs: 8_000, values: { count_5m: 2 } });
  });

  it("remembers shards and progress for a short time, which only overstates lag", async () => {
    reader = createReader({ store, clock, controlMs: 10_000, progressMs: 500 });
    await deliver(0, heartbeatRecord(0, START_MS - 3 * HOUR_MS), paymentRecord(1, { card: lowCard }));
    clock.ms = START_MS + 10_000;
    expect((await readOne()).lagMs).toBe(8_000);
    await deliver(0, paymentRecord(2, { card: lowCard }, at(10_000)));
    clock.ms += 499;
    reads = [];
    expect(await readOne()).toMatchObject({ lagMs: 8_499, values: { count_5m: 2 } });
    expect(reads).toHaveLength(1);
    clock.ms += 1;
    expect((await readOne()).lagMs).toBe(500);
  });

  it("joins reads of the same moment, each key once, and never one that is under way", async () => {
    await direct.put({ pk: "a", n: 1 }, { expected: null });
    await direct.put({ pk: "b", n: 2 }, { expected: null });
    const get = coalesceReads(store);
    reads = [];
    const strong = { consistent: true };
    const [first, second] = await Promise.all([get(["a", "b"], strong), get(["b"], strong)]);
    expect(reads).toEqual([["a", "b"]]);
    expect([...first.keys()].sort()).toEqual(["a", "b"]);
    expect([...second.keys()]).toEqual(["b"]);

    let release = () => {};
    store.onGet = () =>
      new Promise<null>((resolve) => {
        release = () => resolve(null);
      });
    const underWay = get(["a"], strong);
    await new Promise((resolve) => setImmediate(resolve));
    const letGo = release;
    store.onGet = (keys) => {
      reads.push([...keys]);
      return null;
    };
    reads = [];
    const later = await get(["a"], strong);
    expect(reads).toEqual([["a"]]);
    expect(later.get("a")).toEqual({ pk: "a", n: 1 });
    letGo();
    await underWay;
    await Promise.all([get(["a"], strong), get(["a"], { consistent: false })]);
    expect(reads).toHaveLength(3);
  });

  it("refuses keys that name no entity, and reports a store out of reach", async () => {
    await expect(readOne(cardPlan, [])).rejects.toMatchObject({ code: "ENTITY_KEY_INVALID" });
    await expect(readOne(cardPlan, ["\ud800"])).rejects.toMatchObject({ code: "ENTITY_KEY_INVALID" });
    store.onGet = () => "unavailable";
    await expect(readOne()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(await reader.read([])).toEqual([]);
  });
});
