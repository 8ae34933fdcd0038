import { ListShardsCommand } from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { type Fault, type TestPipeline, testPipeline } from "../../lib/testing/index.ts";
import * as definitions from "./fixtures/shop.ts";
import { customer, everything, orders, shop } from "./fixtures/shop.ts";

const start = "2026-01-01T00:00:00.000Z";
const order = (id: string, total = 10) => ({ id, customer: "ann", shop: "north", total, at: start });

/** What a pipeline without faults answers of the same records. */
async function withoutFaults(batches: readonly (readonly ReturnType<typeof order>[])[]) {
  const pipeline = await testPipeline({ definitions });
  for (const batch of batches) await pipeline.put(orders, batch);
  await pipeline.advance("30m");
  return readAll(pipeline);
}

/** Whole seconds, as durations are. */
async function passTo(pipeline: TestPipeline, minute: number) {
  const leftMs = Date.parse(start) + minute * 60_000 - pipeline.clock.now();
  await pipeline.advance(`${BigInt(Math.ceil(leftMs / 1_000))}s`);
}

async function readAll(pipeline: TestPipeline) {
  return {
    customer: (await pipeline.read(customer, { customer: "ann" })).features,
    shop: (await pipeline.read(shop, { shop: "north" })).features,
    everything: (await pipeline.read(everything)).features,
    counts: await pipeline.counts(customer),
  };
}

describe("faults that lose nothing", () => {
  const faults: readonly Fault[] = [
    { kind: "redelivery" },
    { kind: "crash" },
    { kind: "crash", at: "before-write" },
    { kind: "throttle", calls: 5 },
    { kind: "throttle", calls: 100 },
    { kind: "write-in-doubt", applied: true },
    { kind: "write-in-doubt", applied: false },
    { kind: "table-outage", for: "10m" },
    { kind: "failed-object", puts: 3 },
  ];

  it.each(faults.map((fault) => [JSON.stringify(fault), fault] as const))("%s", async (_, fault) => {
    const batches = [
      [order("o1")],
      [order("o2", 2.5), order("o1"), { ...order("old"), at: "2025-12-31T12:00:00.000Z" }],
    ];
    const pipeline = await testPipeline({ definitions });
    await pipeline.put(orders, batches[0]!);
    pipeline.inject(fault);
    const injected = pipeline.pendingFaults.length;
    if (fault.kind === "table-outage") await expect(pipeline.read(everything)).rejects.toThrow();
    else expect(injected).toBeGreaterThan(0);
    await pipeline.put(orders, batches[1]!);
    await pipeline.drain();
    // What has passed meanwhile differs, and is passed in both.
    expect(pipeline.clock.now()).toBeLessThan(Date.parse(start) + 30 * 60_000);
    await passTo(pipeline, 30);
    expect(await readAll(pipeline)).toEqual(await withoutFaults(batches));
    expect(pipeline.pendingFaults).toEqual([]);
    await pipeline.close();
  });

  it("a crash forgets what the process held warm, and a redelivery is folded once", async () => {
    const pipeline = await testPipeline({ definitions });
    pipeline.inject({ kind: "redelivery" });
    await pipeline.put(orders, [order("o1")]);
    await pipeline.drain();
    expect(pipeline.batches.at(-1)!.views["customer@1"]).toMatchObject({ folded: 0, alreadyFolded: 1 });
    expect((await pipeline.counts(customer)).folded).toBe(1);
  });

  it("wait for an event: heartbeats pass", async () => {
    const pipeline = await testPipeline({ definitions });
    pipeline.inject({ kind: "redelivery" });
    await pipeline.advance("5m");
    expect(pipeline.pendingFaults).toEqual([{ kind: "redelivery" }]);
  });

  it("an outage is told to whoever reads", async () => {
    const pipeline = await testPipeline({ definitions });
    pipeline.inject({ kind: "table-outage", for: "1m" });
    await expect(pipeline.read(everything)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await pipeline.advance("61s");
    expect((await pipeline.read(everything)).known).toBe(false);
  });
});

describe("a lost batch", () => {
  it("leaves a hole, and makes the shard's freshness unknown", async () => {
    const pipeline = await testPipeline({ definitions });
    await pipeline.put(orders, [order("o1")]);
    pipeline.inject({ kind: "lost-batch" });
    await pipeline.put(orders, [order("o2")]);
    await pipeline.put(orders, [order("o3")]);
    const { features, status, lagMs } = await pipeline.read(customer, { customer: "ann" });
    expect({ orders: features.orders_1h, status, lagMs }).toEqual({
      orders: 2,
      status: "unknown",
      lagMs: null,
    });
    expect(await pipeline.counts(customer)).toMatchObject({ put: 3, folded: 2 });
    // As the function reports it that a deployment's bucket tells.
    const { kinesis, losses } = pipeline;
    const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: "orders" }));
    expect(losses.map((loss) => ({ ...loss, views: loss.views.toSorted() }))).toEqual([
      {
        source: "orders",
        shardId: expect.stringMatching(/^shardId-00000000000[01]$/),
        records: 1,
        views: ["customer@1", "everything@1", "shop@1"],
      },
    ]);
    expect(Shards.map(({ ShardId }) => ShardId)).toContain(losses[0]!.shardId);
  });

  it("cannot be seen where nobody is told", async () => {
    const pipeline = await testPipeline({ definitions });
    await pipeline.put(orders, [order("o1")]);
    pipeline.inject({ kind: "lost-batch", noticed: false });
    await pipeline.put(orders, [order("o2")]);
    const { features, status } = await pipeline.read(customer, { customer: "ann" });
    expect({ orders: features.orders_1h, status }).toEqual({ orders: 1, status: "fresh" });
    expect(pipeline.losses).toEqual([]);
  });
});

describe("what is no fault", () => {
  it.each([
    [{ kind: "throtle" }, /^there is no fault "throtle"; there are redelivery, /],
    [
      { kind: "throttle", call: 3 },
      /^fault throttle has no "call" .*"calls".*; allowed: "kind" and "calls"\.$/,
    ],
    [{ kind: "throttle", calls: 0 }, /^fault throttle, calls is 0; /],
  ])("is refused, and so is what a fault does not have: %j", async (fault, message) => {
    const pipeline = await testPipeline({ definitions });
    expect(() => pipeline.inject(fault as never)).toThrow(message);
  });
});
