import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { fullJitterMs } from "../../lib/online/backoff.ts";
import { createCapacityMeter } from "../../lib/online/capacity-meter.ts";
import { createDynamoStateStore } from "../../lib/online/dynamo-state-store.ts";
import type { StateStore } from "../../lib/online/state-store.ts";
import { createTable } from "../../lib/online/table.ts";
import { createAggregator } from "./fixtures/aggregator.ts";
import { startTables, type TestTables } from "./fixtures/dynalite.ts";
import { type FaultyProxy, startFaultyProxy } from "./fixtures/faulty-proxy.ts";
import { onePass, storedItems } from "./fixtures/one-pass.ts";
import { payments, plans } from "./fixtures/payments.ts";
import { mixedRecords, wholeShard } from "./fixtures/records.ts";

describe("the state store on DynamoDB's protocol", () => {
  let tables: TestTables;
  let proxy: FaultyProxy;
  let client: DynamoDBClient;
  let store: StateStore;
  let waits: number[];
  let made = 0;

  beforeAll(async () => {
    tables = await startTables();
    proxy = await startFaultyProxy(tables.endpoint);
    client = new DynamoDBClient({
      endpoint: proxy.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({ requestTimeout: 2_000, throwOnRequestTimeout: true }),
    });
  });
  afterAll(async () => {
    client.destroy();
    await proxy.stop();
    await tables.stop();
  });
  beforeEach(async () => {
    proxy.fault = () => null;
    const table = `proxied-${++made}`;
    await createTable(client, table);
    waits = [];
    const sleep = async (ms: number) => {
      waits.push(ms);
    };
    store = createDynamoStateStore({ client, table, timing: { sleep, random: () => 0.5 } });
    proxy.operations.length = 0;
  });

  const bytes = (...values: number[]) => Uint8Array.from(values);
  const strong = { consistent: true };
  const getOne = async (pk: string) => (await store.get([pk], strong)).get(pk);
  /** The fault for the first `times` calls of an operation. */
  const failFirst = (times: number, wanted: string, fault: ReturnType<FaultyProxy["fault"]>) => {
    let left = times;
    proxy.fault = (operation) => (operation === wanted && left-- > 0 ? fault : null);
  };

  it("keeps text, numbers, flags and bytes as they are", async () => {
    const item = {
      pk: "a",
      text: "ü|#",
      number: 981_331_200_123,
      negative: -0.25,
      flag: false,
      bytes: bytes(0, 255),
    };
    expect(await store.put(item, { expected: null })).toEqual({ status: "written" });
    const read = (await getOne("a"))!;
    expect({ ...read, bytes: [...(read.bytes as Uint8Array)] }).toEqual({ ...item, bytes: [0, 255] });
    expect(await getOne("b")).toBeUndefined();
  });

  it("writes on equality with what was read, or on absence, and answers what stands there otherwise", async () => {
    await store.put({ pk: "a", position: bytes(1) }, { expected: null });
    const absent = await store.put({ pk: "a", position: bytes(9) }, { expected: null });
    expect(absent).toMatchObject({ status: "conflict", item: { pk: "a", position: bytes(1) } });
    const other = await store.put({ pk: "a", position: bytes(9) }, { expected: { position: bytes(2) } });
    expect(other).toMatchObject({ status: "conflict", item: { position: bytes(1) } });
    const gone = await store.put({ pk: "never", position: bytes(9) }, { expected: { position: bytes(1) } });
    expect(gone).toEqual({ status: "conflict", item: undefined });
    const equal = await store.put({ pk: "a", position: bytes(2) }, { expected: { position: bytes(1) } });
    expect(equal).toEqual({ status: "written" });
    const two = { expected: { position: bytes(2), flag: true } };
    expect((await store.put({ pk: "a", position: bytes(3) }, two)).status).toBe("conflict");
  });

  it("reads any number of keys, repeated ones once, a hundred a call", async () => {
    for (let n = 0; n < 130; n++) await store.put({ pk: `k${n}`, n }, { expected: null });
    proxy.operations.length = 0;
    const keys = Array.from({ length: 250 }, (_, n) => `k${n % 205}`);
    const meter = createCapacityMeter();
    const items = await store.get(keys, { consistent: true, meter });
    expect(items.size).toBe(130);
    expect(items.get("k129")).toEqual({ pk: "k129", n: 129 });
    expect(proxy.operations).toEqual(["BatchGetItem", "BatchGetItem", "BatchGetItem"]);
    expect(meter).toMatchObject({ readCalls: 3, readUnits: 205 });
    const eventual = createCapacityMeter();
    await store.get(keys, { consistent: false, meter: eventual });
    expect(eventual.readUnits).toBe(205 / 2);
  });

  it("asks again for keys that come back unprocessed, after a wait", async () => {
    for (const pk of ["a", "b", "c"]) await store.put({ pk, from: pk }, { expected: null });
    failFirst(2, "BatchGetItem", "unprocessed-first");
    const items = await store.get(["a", "b", "c"], strong);
    expect([...items.keys()].sort()).toEqual(["a", "b", "c"]);
    expect(waits.length).toBe(2);
  });

  it("waits longer and longer for a throttled call, by full jitter, and then gives up", async () => {
    failFirst(3, "PutItem", "throttle");
    const meter = createCapacityMeter();
    expect(await store.put({ pk: "a" }, { expected: null, meter })).toEqual({ status: "written" });
    expect(waits).toEqual([12, 25, 50]);
    expect(meter).toMatchObject({ throttles: 3, writeCalls: 4, writeUnits: 1 });
    failFirst(100, "PutItem", "throttle");
    await expect(store.put({ pk: "b" }, { expected: null })).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    expect(proxy.operations.filter((operation) => operation === "PutItem")).toHaveLength(4 + 8);
    failFirst(100, "BatchGetItem", "throttle");
    await expect(store.get(["a"], strong)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });

  it("bounds every wait", () => {
    const bound = () => 1 - 2 ** -53;
    const longest = Array.from({ length: 40 }, (_, attempt) => fullJitterMs(attempt, bound));
    expect(longest.slice(0, 8)).toEqual([24, 49, 99, 199, 399, 799, 1599, 1999]);
    expect(Math.max(...longest)).toBeLessThan(2_000);
    expect(fullJitterMs(5, () => 0)).toBe(0);
  });

  it.each(["break-after", "hang-after"] as const)(
    "a write whose answer is lost (%s) is in doubt",
    async (fault) => {
      failFirst(1, "PutItem", fault);
      expect(await store.put({ pk: "a", n: 1 }, { expected: null })).toMatchObject({ status: "unknown" });
      expect(await getOne("a")).toEqual({ pk: "a", n: 1 });
    },
  );

  it.each(["break-before", "internal-error"] as const)(
    "so is one that was not applied (%s)",
    async (fault) => {
      failFirst(1, "PutItem", fault);
      expect(await store.put({ pk: "a", n: 1 }, { expected: null })).toMatchObject({ status: "unknown" });
      expect(await getOne("a")).toBeUndefined();
    },
  );

  it("sends a read again whatever happened to it", async () => {
    await store.put({ pk: "a", n: 1 }, { expected: null });
    for (const fault of ["break-before", "break-after", "internal-error", "hang-after"] as const) {
      failFirst(1, "BatchGetItem", fault);
      expect(await getOne("a")).toEqual({ pk: "a", n: 1 });
    }
  });

  it("refuses what no retry can mend at once", async () => {
    const missing = createDynamoStateStore({ client, table: "no-such-table" });
    await expect(missing.get(["a"], strong)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await expect(missing.put({ pk: "a" }, { expected: null })).rejects.toThrow(
      /no-such-table.*ResourceNotFound/,
    );
  });

  it("scans every page", async () => {
    const image = new Uint8Array(300_000);
    for (let n = 0; n < 8; n++) await store.put({ pk: `k${n}`, image }, { expected: null });
    const seen: string[] = [];
    for await (const item of store.scan()) seen.push(item.pk);
    expect(seen.sort()).toEqual(Array.from({ length: 8 }, (_, n) => `k${n}`));
    expect(proxy.operations.filter((operation) => operation === "Scan").length).toBeGreaterThan(1);
  });

  it("counts a failed condition as billed: by the larger item", async () => {
    await store.put({ pk: "a" }, { expected: null });
    const meter = createCapacityMeter();
    await store.put({ pk: "a", image: new Uint8Array(1500) }, { expected: null, meter });
    expect(meter).toMatchObject({ failedConditions: 1, writeUnits: 2 });
    await store.put({ pk: "b", image: new Uint8Array(2500) }, { expected: null });
    const larger = createCapacityMeter();
    await store.put({ pk: "b" }, { expected: null, meter: larger });
    expect(larger).toMatchObject({ failedConditions: 1, writeUnits: 3 });
  });

  it("folds to the bytes of one pass through throttles, broken connections and timeouts", async () => {
    const records = mixedRecords(120, 41);
    const faults = [
      "throttle",
      null,
      "break-after",
      null,
      null,
      "break-before",
      null,
      "internal-error",
      null,
    ] as const;
    let calls = 0;
    proxy.fault = () => faults[calls++ % faults.length]!;
    const aggregator = createAggregator({ store, objects: createMemoryObjectStore(), processId: "one" });
    for (let at = 0; at < records.length; at += 40) {
      const batch = records.slice(at, at + 40);
      // On a slow machine more calls time out than one run of a batch tries again: it is then delivered again.
      while ((await aggregator.process(batch)).failedSequenceNumber !== null);
    }
    proxy.fault = () => null;
    const expected = onePass(payments, plans, [{ shard: wholeShard, records }]);
    expect(await storedItems(store)).toEqual(expected.items);
  });
});
