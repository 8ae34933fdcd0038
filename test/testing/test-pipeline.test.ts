import { SplitShardCommand } from "@aws-sdk/client-kinesis";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type TestPipeline, testPipeline } from "../../lib/testing/index.ts";
import * as definitions from "./fixtures/shop.ts";
import { checkout, customer, everything, orders, shop } from "./fixtures/shop.ts";

let pipeline: TestPipeline;
beforeEach(async () => {
  pipeline = await testPipeline({ definitions });
  return () => pipeline.close();
});

const order = (
  id: string,
  more: Partial<{ customer: string; shop: string; total: number; at: string }> = {},
) => ({
  id,
  customer: "ann",
  shop: "north",
  total: 10,
  at: pipeline.time(),
  ...more,
});

describe("a test pipeline", () => {
  it("folds what is put, for every view of its source, and answers what it knows", async () => {
    await pipeline.put(orders, [
      order("o1"),
      order("o2", { total: 5.5, shop: "south" }),
      order("o3", { customer: "bob" }),
    ]);
    const ann = await pipeline.read(customer, { customer: "ann" });
    expect(ann.features).toEqual({ orders_5m: 2, orders_1h: 2, spent_1h: 15.5, largest_1h: [10, 5.5] });
    expect(ann).toMatchObject({
      known: true,
      status: "fresh",
      lagMs: 0,
      key: { customer: "ann" },
      version: 1,
    });
    expect((await pipeline.read(shop, { shop: "north" })).features.orders_1h).toBe(2);
    expect((await pipeline.read(everything)).features.orders_1h).toBe(3);
    const nobody = await pipeline.read(customer, { customer: "eve" });
    expect(nobody).toMatchObject({ known: false, features: { orders_1h: 0, spent_1h: null } });
  });

  it("moves its time only when told, and windows with it", async () => {
    expect(pipeline.time()).toBe("2026-01-01T00:00:00.000Z");
    expect(pipeline.time("1h")).toBe("2025-12-31T23:00:00.000Z");
    await pipeline.put(orders, [order("o1")]);
    await pipeline.advance("6m");
    expect(pipeline.clock.now()).toBe(Date.parse("2026-01-01T00:06:00Z"));
    const { features } = await pipeline.read(customer, { customer: "ann" });
    expect(features).toMatchObject({ orders_5m: 0, orders_1h: 1 });
    await pipeline.advance("2h");
    expect((await pipeline.read(customer, { customer: "ann" })).features.orders_1h).toBe(0);
  });

  it("keeps idle shards known by heartbeats, however long", async () => {
    for (const by of ["31s", "2m", "3h", "30d"] as const) {
      await pipeline.advance(by);
      const { status, lagMs } = await pipeline.read(everything);
      expect(status, by).toBe("fresh");
      expect(lagMs, by).toBeLessThanOrEqual(30_000);
    }
    const still = await testPipeline({ definitions, heartbeats: false });
    await still.advance("3m");
    expect((await still.read(everything)).status).toBe("unknown");
  });

  it("begins warm, or young when asked to", async () => {
    const young = await testPipeline({ definitions, warm: false, startAt: "2001-02-03T04:05:06Z" });
    expect(young.time()).toBe("2001-02-03T04:05:06.000Z");
    await young.put(orders, [order("o1", { at: young.time() })]);
    expect((await young.read(customer, { customer: "ann" })).status).toBe("warming");
    await young.advance("2h");
    expect((await young.read(customer, { customer: "ann" })).status).toBe("fresh");
  });

  it("counts duplicates, late and quarantined records, and shows the latter two", async () => {
    await pipeline.put(orders, [order("o1"), order("o1"), order("o2")]);
    await pipeline.put(orders, [order("old", { at: pipeline.time("3h") })]);
    await pipeline.putRecords(orders, [
      { data: "{oops", partitionKey: "ann" },
      { data: JSON.stringify(order("o9", { customer: "bob" })), partitionKey: "ann" },
    ]);
    expect(await pipeline.counts(customer)).toEqual({
      put: 6,
      folded: 2,
      duplicate: 1,
      late: 1,
      excluded: 0,
      quarantined: 2,
      dedupOverflow: 0,
      items: 1,
    });
    const quarantined = await pipeline.quarantined(orders);
    expect(quarantined.map(({ reason, text }) => [reason, text.slice(0, 5)])).toEqual([
      ["malformed", "{oops"],
      ["wrong-partition-key", '{"id"'],
    ]);
    // Of each view, for each has a slack of its own.
    const late = await pipeline.late();
    expect(late.filter(({ view }) => view === "customer@1").map(({ text }) => JSON.parse(text).id)).toEqual([
      "old",
    ]);
  });

  it("refuses events that do not fit, keys and views that there are not", async () => {
    // @ts-expect-error a total is a number
    await expect(pipeline.put(orders, [order("o1", { total: "10" })])).rejects.toMatchObject({
      code: "REQUEST_INVALID",
    });
    // @ts-expect-error the key is the customer
    await expect(pipeline.read(customer, { card: "ann" })).rejects.toMatchObject({
      code: "ENTITY_KEY_INVALID",
    });
    // @ts-expect-error the key is missing
    await expect(pipeline.read(customer)).rejects.toMatchObject({ code: "ENTITY_KEY_INVALID" });
    const other = await testPipeline({ definitions: { shop } });
    await expect(other.read(customer, { customer: "ann" })).rejects.toThrow("there is no view customer@1");
    await expect(testPipeline({ definitions: {} })).rejects.toMatchObject({ code: "OPTION_INVALID" });
    await expect(testPipeline({ definitions, warmm: false } as never)).rejects.toThrow(
      /^testPipeline's options has no "warmm" .*"warm".*; allowed: /,
    );
    await expect(testPipeline({ definitions, scores: { nobody: () => 1 } })).rejects.toThrow(
      /^scores has no "nobody"/,
    );
    await expect(testPipeline({ definitions, shards: 0 })).rejects.toThrow("shards is 0");
    await expect(testPipeline({ definitions, startAt: "noon" })).rejects.toThrow('startAt is "noon"');
    expect(() => pipeline.inject({ kind: "flood" as never })).toThrow("there is no fault");
  });

  it("deletes what has expired, as the table's TTL does", async () => {
    await pipeline.put(orders, [order("o1")]);
    // Expiry after a day of dedup, and the stream's retention of seven.
    await pipeline.advance("7d");
    expect((await pipeline.counts(customer)).items).toBe(1);
    expect((await pipeline.read(customer, { customer: "ann" })).known).toBe(false);
    await pipeline.advance("2d");
    expect((await pipeline.counts(customer)).items).toBe(0);
  });

  it("holds a batch for its window", async () => {
    const slow = await testPipeline({ definitions, batchingWindow: "20s" });
    await slow.put(orders, [order("o1")]);
    expect((await slow.read(customer, { customer: "ann" })).known).toBe(false);
    await slow.advance("19s");
    expect((await slow.read(customer, { customer: "ann" })).known).toBe(false);
    await slow.advance("1s");
    expect((await slow.read(customer, { customer: "ann" })).features.orders_1h).toBe(1);
    await slow.advance("3h");
    expect((await slow.read(everything)).status).toBe("fresh");
    await slow.close();
  });

  it("follows the stream through a split", async () => {
    await pipeline.put(orders, [order("o1")]);
    await pipeline.kinesis.send(
      new SplitShardCommand({
        StreamName: "orders",
        ShardToSplit: "shardId-000000000000",
        NewStartingHashKey: String(2n ** 126n),
      }),
    );
    const customers = ["ann", "bob", "cat", "dan", "eve", "fay"];
    await pipeline.put(
      orders,
      customers.map((each) => order(`s-${each}`, { customer: each })),
    );
    await pipeline.advance("1m");
    expect((await pipeline.read(everything)).features.orders_1h).toBe(7);
    expect((await pipeline.read(everything)).status).toBe("fresh");
    expect((await pipeline.read(customer, { customer: "ann" })).features.orders_1h).toBe(2);
  });

  it("goes on where a suite has faked the timers and the clock of its process", async () => {
    vi.useFakeTimers();
    try {
      const one = await testPipeline({ definitions, scores: { risk: () => 0.5 }, batchingWindow: "5s" });
      await one.put(orders, [order("o1", { at: one.time() })]);
      await one.drain();
      expect((await one.read(customer, { customer: "ann" })).features.orders_1h).toBe(1);
      const request = { keys: { customer: "ann", shop: "north" }, context: { total: 12 } };
      expect((await one.client(checkout).predict(request)).score).toBe(0.5);
      await one.close();
    } finally {
      vi.useRealTimers();
    }
  }, 20_000);

  it("is the same in every run", async () => {
    const run = async () => {
      const one = await testPipeline({ definitions });
      one.inject({ kind: "crash" });
      one.inject({ kind: "throttle", calls: 3 });
      for (let i = 0; i < 20; i++) {
        await one.put(orders, [order(`o${i}`, { customer: `c${i % 3}`, at: one.time() })]);
        await one.advance("10s");
      }
      await one.drain();
      return [one.time(), await one.read(everything), await one.counts(customer), one.batches.length];
    };
    expect(await run()).toEqual(await run());
  });
});

describe("the API of a test pipeline", () => {
  const scored = () =>
    testPipeline({ definitions, scores: { risk: (vector) => (vector["customer.orders_1h"] ?? 0) / 10 } });

  it("predicts and answers features without a network, by path or by the typed client", async () => {
    const one = await scored();
    await one.put(orders, [order("o1")]);
    const api = one.client(checkout);
    const request = { keys: { customer: "ann", shop: "north" }, context: { total: 12 } };
    const { score, policy, features } = await api.predict(request);
    expect({ score, policy }).toEqual({ score: 0.1, policy: "serve" });
    expect(features).toEqual({
      "customer.orders_1h": 1,
      "customer.spent_1h": 10,
      "shop.orders_1h": 1,
      "request.total": 12,
    });
    const { customer: read } = await api.features({ keys: request.keys });
    expect(read.features.spent_1h).toBe(10);
    const answer = await one.fetch("/v1/predict", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
    });
    expect(await answer.json()).toMatchObject({ score: 0.1 });
    expect((await one.fetch(new URL("http://anywhere/readyz"))).status).toBe(200);
    await one.close();
  });

  it("hands a score null for a feature without a value, never NaN", async () => {
    const vectors: Readonly<Record<string, number | null>>[] = [];
    const one = await testPipeline({
      definitions,
      scores: {
        risk: (vector) => {
          vectors.push(vector);
          return 0.5;
        },
      },
    });
    // Of nobody there are no orders, and no sum of them.
    await one.client(checkout).predict({ keys: { customer: "eve", shop: "south" }, context: { total: 12 } });
    expect(vectors).toEqual([
      { "customer.orders_1h": 0, "customer.spent_1h": null, "shop.orders_1h": 0, "request.total": 12 },
    ]);
    await one.close();
  });

  it("rejects when the features are stale, and serves again once they are not", async () => {
    const one = await scored();
    const request = { keys: { customer: "ann", shop: "north" }, context: { total: 12 } };
    one.pauseDelivery();
    await one.put(orders, [order("o1")]);
    await one.advance("3m");
    expect((await one.read(customer, { customer: "ann" })).status).toBe("stale");
    await expect(one.client(checkout).predict(request)).rejects.toMatchObject({
      code: "FEATURES_STALE",
      status: 503,
    });
    await expect(one.client(checkout).predict(request, { onStale: "serve" })).resolves.toMatchObject({
      score: 0,
    });
    await expect(one.drain()).rejects.toMatchObject({ code: "STREAM_UNAVAILABLE" });
    await one.resumeDelivery();
    expect(await one.client(checkout).predict(request)).toMatchObject({ policy: "serve" });
  });

  it("says what it needs for models that are neither given nor found", async () => {
    const request = { keys: { customer: "ann", shop: "north" }, context: { total: 12 } };
    const predict = () =>
      pipeline.fetch("/v1/predict", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "risk", ...request }),
      });
    await expect(predict()).rejects.toThrow("scores: { risk: (vector) => 0.5 }");
    // Asked at once, each is told; and who asks for features alone is not told of another's model.
    const each = await Promise.allSettled([predict(), predict(), predict()]);
    expect(each.map((one) => String((one as PromiseRejectedResult).reason))).toEqual(
      Array(3).fill(expect.stringContaining("scores: { risk: (vector) => 0.5 }")),
    );
    await expect(pipeline.client(checkout).predict(request)).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringMatching(
        /^\/v1\/predict: model risk needs its file .*; give testPipeline modelsFolder/,
      ),
      cause: { code: "MODEL_NOT_FOUND" },
    });
    // Without a prediction no model is needed.
    expect((await pipeline.fetch("/healthz")).status).toBe(200);
    expect((await pipeline.client(checkout).features({ keys: request.keys })).customer.status).toBe("fresh");
    const lost = await testPipeline({ definitions, modelsFolder: new URL(".", import.meta.url) });
    await expect(lost.fetch("/healthz")).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    await expect(lost.client(checkout).predict(request)).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      cause: { code: "MODEL_NOT_FOUND", cause: { code: "ENOENT" } },
    });
  });

  it("scores a model's file", async () => {
    const local = await import("../local/fixtures/orders.ts");
    const one = await testPipeline({
      definitions: local,
      modelsFolder: new URL("../local/fixtures/", import.meta.url),
    });
    await one.put(local.orders, [{ id: "o1", card: "c1", amount: 1, at: one.time() }]);
    const { score } = await one.client(local.checkout).predict({ keys: { card: "c1" } });
    expect(score).toBeCloseTo(1 / (1 + Math.exp(1 - 1 / 100)), 6);
    await one.close();
  });
});
