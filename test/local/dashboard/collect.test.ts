import type { KinesisStreamEvent } from "aws-lambda";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeHeartbeat } from "../../../lib/engine/heartbeat.ts";
import { planView } from "../../../lib/engine/plan.ts";
import { createBusiestKeys } from "../../../lib/local/dashboard/collect/busiest-keys.ts";
import { createClockSpeed } from "../../../lib/local/dashboard/collect/clock-speed.ts";
import { createDeliveries } from "../../../lib/local/dashboard/collect/deliveries.ts";
import { createLagHistory } from "../../../lib/local/dashboard/collect/lag-history.ts";
import { createPredictions } from "../../../lib/local/dashboard/collect/predictions.ts";
import { createRateSeries } from "../../../lib/local/dashboard/collect/rate-series.ts";
import { createRecentDurations } from "../../../lib/local/dashboard/collect/recent-durations.ts";
import { createRequests } from "../../../lib/local/dashboard/collect/requests.ts";
import { createSetAside } from "../../../lib/local/dashboard/collect/set-aside.ts";
import { createMemoryObjectStore } from "../../../lib/local/memory-object-store.ts";
import { type ChannelEntry, writeChannel } from "../../../lib/online/channels.ts";
import type { PredictionLogEntry } from "../../../lib/serve/prediction-log.ts";
import * as orders from "../fixtures/orders.ts";

describe("rates", () => {
  it("are those of a list of what was added, by bucket", () => {
    const step = fc.record({ afterMs: fc.nat(4_000), count: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const rates = createRateSeries({ bucketMs: 1_000, length: 8 });
        const added: { atMs: number; count: number }[] = [];
        let nowMs = 1_700_000_000_000;
        for (const { afterMs, count } of steps) {
          nowMs += afterMs;
          rates.add(nowMs, count);
          added.push({ atMs: nowMs, count });
        }
        const { endMs, counts } = rates.buckets(nowMs);
        expect(endMs).toBe((Math.floor(nowMs / 1_000) + 1) * 1_000);
        const between = (fromMs: number, toMs: number) =>
          added.reduce((sum, { atMs, count }) => sum + (atMs >= fromMs && atMs < toMs ? count : 0), 0);
        expect(counts).toEqual(
          Array.from({ length: 8 }, (_, i) => between(endMs - (8 - i) * 1_000, endMs - (7 - i) * 1_000)),
        );
        // The bucket that is still filling is left out of the mean.
        expect(rates.perSecond(nowMs, { overMs: 3_000 })).toBeCloseTo(
          between(endMs - 4_000, endMs - 1_000) / 3,
        );
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it("of long ago are forgotten", () => {
    const rates = createRateSeries({ bucketMs: 1_000, length: 4 });
    rates.add(10_000, 5);
    rates.add(1_000, 5);
    expect(rates.buckets(10_500).counts).toEqual([0, 0, 0, 5]);
    expect(rates.buckets(1e12).counts).toEqual([0, 0, 0, 0]);
  });
});

describe("percentiles", () => {
  it("are by nearest rank, of the newest durations alone", () => {
    const durations = createRecentDurations({ capacity: 100, keepMs: 1_000 });
    expect(durations.percentiles(0)).toEqual({ samples: 0, p50Ms: null, p95Ms: null, p99Ms: null });
    for (let ms = 1; ms <= 250; ms++) durations.add(5_000, ms);
    expect(durations.percentiles(5_000)).toEqual({ samples: 100, p50Ms: 200, p95Ms: 245, p99Ms: 249 });
    durations.add(6_500, 3);
    expect(durations.percentiles(6_500)).toEqual({ samples: 1, p50Ms: 3, p95Ms: 3, p99Ms: 3 });
  });
});

describe("busiest keys", () => {
  it("are found among many more than are remembered", () => {
    const keys = createBusiestKeys({ capacity: 20 });
    for (let i = 0; i < 20_000; i++) {
      keys.add([`rare ${i}`], 1);
      if (i % 5 === 0) keys.add(["often", 1], 1);
      if (i % 4 === 0) keys.add(["more often", true], 1);
    }
    expect(keys.top(2)).toEqual([
      ["more often", true],
      ["often", 1],
    ]);
    expect(keys.top(1_000).length).toBe(20);
  });

  it("give way with time", () => {
    const keys = createBusiestKeys({ capacity: 4 });
    keys.add(["then"], 100);
    for (let i = 0; i < 10; i++) keys.age();
    keys.add(["now"], 1);
    expect(keys.top(1)).toEqual([["now"]]);
  });
});

describe("the speed of a clock", () => {
  it("is its time by the machine's, of the last while", () => {
    const speed = createClockSpeed({ spanMs: 2_000 });
    speed.note(0, 0);
    expect(speed.read()).toBeNull();
    speed.note(1_000, 240_000);
    expect(speed.read()).toBe(240);
    speed.note(5_000, 240_000);
    speed.note(6_000, 240_000);
    expect(speed.read()).toBe(0);
  });
});

describe("lags", () => {
  it("are kept twice a second at most, and so many", () => {
    const lags = createLagHistory();
    for (let ms = 0; ms < 1_000_000; ms += 100) lags.note("card@1", ms, ms);
    const kept = lags.of("card@1");
    expect(kept.length).toBe(120);
    expect(kept.at(-1)).toEqual([999_500, 999_500]);
    expect(lags.of("other@1")).toEqual([]);
  });
});

describe("deliveries", () => {
  const plans = [planView(orders.card), planView(orders.everything)];
  const record = (data: Uint8Array, arrivalMs: number) => ({
    kinesis: {
      kinesisSchemaVersion: "1.0",
      partitionKey: "k",
      sequenceNumber: "1",
      data: Buffer.from(data).toString("base64"),
      approximateArrivalTimestamp: arrivalMs / 1_000,
    },
    eventID: "shardId-0:1",
  });
  const order = (card: unknown) =>
    Buffer.from(JSON.stringify({ id: "1", card, amount: 1, at: "2024-01-01T00:00:00Z" }));
  const event = (...records: ReturnType<typeof record>[]) => ({ Records: records }) as KinesisStreamEvent;

  it("are timed from the stream's stamp to the end of the batch, and count whose they are", async () => {
    let nowMs = 1_700_000_000_000;
    const deliveries = createDeliveries({ plans, wallClock: { now: () => nowMs } });
    const handler = deliveries.observe(orders.orders, async () => {
      nowMs += 30;
      return { batchItemFailures: [] };
    });
    await handler(
      event(
        record(order("A"), nowMs - 70),
        record(order("B"), nowMs - 20),
        record(order("B"), nowMs - 10),
        record(encodeHeartbeat(nowMs), nowMs - 90_000),
        record(Buffer.from("{no"), nowMs - 10),
        record(order(7), nowMs - 10),
        record(order("\ud800"), nowMs - 10),
      ),
    );
    const [available, fold] = deliveries.latencies();
    expect(available).toMatchObject({ name: "put to available", samples: 6, p50Ms: 40, p99Ms: 100 });
    expect(fold).toMatchObject({ samples: 1, p50Ms: 30 });
    expect(deliveries.busiest("card@1", 5)).toEqual([["B"], ["A"]]);
    expect(deliveries.busiest("everything@1", 5)).toEqual([[]]);
  });

  it("that were not finished wait for the next delivery, and failures pass through", async () => {
    const deliveries = createDeliveries({ plans, wallClock: { now: () => 1_000 } });
    const failing = [
      async () => ({ batchItemFailures: [{ itemIdentifier: "1" }] }),
      async () => Promise.reject(new Error("out of reach")),
    ];
    const answers = failing.map((each) =>
      deliveries
        .observe(
          orders.orders,
          each,
        )(event(record(order("A"), 0)))
        .then(
          (answer) => answer,
          (error: Error) => error.message,
        ),
    );
    expect(await Promise.all(answers)).toEqual([
      { batchItemFailures: [{ itemIdentifier: "1" }] },
      "out of reach",
    ]);
    expect(deliveries.latencies().map(({ samples }) => samples)).toEqual([0, 0]);
    expect(deliveries.busiest("card@1", 5)).toEqual([]);
  });

  it("of large batches are sampled", async () => {
    const deliveries = createDeliveries({ plans, wallClock: { now: () => 1_000 } });
    const records = Array.from({ length: 10_000 }, (_, i) => record(order(i % 2 === 0 ? "A" : "B"), 0));
    await deliveries.observe(orders.orders, async () => null)(event(...records));
    expect(deliveries.latencies()[0]!.samples).toBe(200);
  });
});

describe("predictions", () => {
  const entry = (requestId: string, row: number | null, card: string): PredictionLogEntry => ({
    timeMs: 1_000,
    requestId,
    row,
    score: 0.5,
    policy: "serve",
    requestedModel: { name: "risk", version: 1 },
    model: { name: "risk", version: 1 },
    service: { name: "checkout", version: 1 },
    context: {},
    vector: null,
    views: {
      card: {
        view: "card",
        version: 1,
        key: [card],
        known: true,
        asOfMs: 1_000,
        lagMs: 0,
        status: "fresh",
        warming: false,
        consistent: true,
        positions: [],
      },
    },
  });

  it("of the latest requests are kept, newest first, a batch as one with how many it scored", () => {
    const predictions = createPredictions();
    for (let id = 0; id < 9; id++) predictions.note(entry(`one-${id}`, null, `c${id}`));
    for (let row = 3; row < 500; row++) predictions.note(entry("many", row, `b${row}`));
    // Of another batch at the same time.
    predictions.note(entry("other", 0, "d"));
    predictions.note(entry("many", 500, "b500"));
    const latest = predictions.latest();
    expect(latest.map(({ requestId, entities, keys }) => [requestId, entities, keys])).toEqual([
      ["other", 1, ["d"]],
      ["many", 498, ["b3"]],
      ...[8, 7, 6, 5, 4, 3].map((id) => [`one-${id}`, 1, [`c${id}`]]),
    ]);
  });

  it("with the same id, which a client may choose, are requests of their own", () => {
    const predictions = createPredictions();
    predictions.note(entry("same", null, "a"));
    predictions.note(entry("same", null, "b"));
    expect(predictions.latest().map(({ keys }) => keys)).toEqual([["b"], ["a"]]);
  });
});

describe("requests", () => {
  it("are told by route, busiest first, and every line goes on", () => {
    const lines: string[] = [];
    const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
    const requests = createRequests({ wallClock: { now: () => 1_000 } });
    const logger = requests.observe({ info: note("info"), warn: note("warn"), error: note("error") });
    const answered = (route: string, status: number, durationMs: number) =>
      logger.info("request", { method: "POST", route, status, durationMs });
    answered("/v1/features", 200, 2);
    answered("/v1/predict", 200, 5);
    answered("/v1/predict", 503, 9);
    answered("/v1/predict", 404, 7);
    logger.info("something else", { durationMs: 1 });
    logger.warn("careful", {});
    logger.error("broken", {});
    expect(requests.latencies()).toMatchObject([
      { name: "POST /v1/predict", kind: "request", samples: 3, p50Ms: 7, p99Ms: 9, failed: 1 },
      { name: "POST /v1/features", samples: 1, p50Ms: 2, failed: 0 },
    ]);
    expect(lines.slice(-3)).toEqual(["info something else", "warn careful", "error broken"]);
    expect(lines.length).toBe(7);
  });

  it("of more routes than an API has are not kept", () => {
    const requests = createRequests({ wallClock: { now: () => 1_000 } });
    const logger = requests.observe({ info: () => {}, warn: () => {}, error: () => {} });
    for (let i = 0; i < 500; i++)
      logger.info("request", { method: "GET", route: `/${i}`, status: 200, durationMs: 1 });
    expect(requests.latencies().length).toBe(64);
  });
});

describe("what is set aside", () => {
  const entry = (reason: ChannelEntry["reason"], sequenceNumber: string): ChannelEntry => ({
    source: "orders",
    writer: "w",
    sequenceNumber,
    view: null,
    arrivalMs: 5,
    reason,
    detail: `no ${sequenceNumber} ${"x".repeat(1_000)}`,
    partitionKey: "k",
    payload: "",
  });

  it("is counted by reason, a redelivery once, and stored as before", async () => {
    const setAside = createSetAside();
    const inner = createMemoryObjectStore();
    const store = setAside.observe(inner);
    await writeChannel(store, "quarantine", [
      entry("malformed", "1"),
      entry("schema", "2"),
      entry("schema", "3"),
    ]);
    await writeChannel(store, "quarantine", [
      entry("malformed", "1"),
      entry("schema", "2"),
      entry("schema", "3"),
    ]);
    await writeChannel(store, "late", [entry("late", "4")]);
    await store.put("elsewhere/x", Buffer.from("not ours"));
    expect(setAside.reasons()).toMatchObject([
      { source: "orders", reason: "schema", count: 2, arrivalMs: 5 },
      { reason: "malformed", count: 1 },
      { reason: "late", count: 1 },
    ]);
    expect(setAside.reasons()[0]!.detail).toMatch(/^no 3 x+$/);
    expect(setAside.reasons()[0]!.detail.length).toBe(240);
    expect(await store.list("")).toEqual(await inner.list(""));
    expect((await inner.list("")).length).toBe(3);
    expect(Buffer.from((await store.get("elsewhere/x"))!).toString()).toBe("not ours");
  });

  it("counts nothing that could not be stored", async () => {
    const setAside = createSetAside();
    const inner = createMemoryObjectStore();
    const store = setAside.observe({ ...inner, put: () => Promise.reject(new Error("full")) });
    await expect(writeChannel(store, "late", [entry("late", "4")])).rejects.toThrow("full");
    expect(setAside.reasons()).toEqual([]);
  });
});
