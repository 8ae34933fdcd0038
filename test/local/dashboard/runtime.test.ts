import { fileURLToPath } from "node:url";
import { PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveSnapshot } from "../../../lib/local/dashboard/snapshot.ts";
import { embeddedKinesisClient } from "../../../lib/local/embedded-clients.ts";
import { createReplayClock, type ReplayClock } from "../../../lib/local/replay-clock.ts";
import { type LocalRuntime, startLocalRuntime } from "../../../lib/local/runtime.ts";

const definitionsFile = fileURLToPath(new URL("../fixtures/orders.ts", import.meta.url));
const START_MS = Date.parse("2024-01-01T00:00:00Z");
const MINUTE_MS = 60_000;
const order = (id: number, card: string, minute: number) => ({
  id: `o${id}`,
  card,
  amount: id,
  at: new Date(START_MS + minute * MINUTE_MS).toISOString(),
});

let runtime: LocalRuntime;
let clock: ReplayClock;

beforeAll(async () => {
  clock = createReplayClock(START_MS);
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  runtime = await startLocalRuntime({ definitionsFile, clock, logger: silent });
});
afterAll(() => runtime.stop());

const take = async (): Promise<LiveSnapshot> =>
  (await (await fetch(`${runtime.url}/live/snapshot`)).json()) as LiveSnapshot;
const viewOf = ({ views }: LiveSnapshot, id: string) => views.find((view) => view.id === id)!;

describe("the live page of a runtime", () => {
  it("knows no freshness before the first record", async () => {
    const { views, busiest, problem } = await take();
    expect(views.map(({ id, status, lagMs, slaMs }) => ({ id, status, lagMs, slaMs }))).toEqual([
      { id: "card@1", status: "unknown", lagMs: null, slaMs: 120_000 },
      { id: "everything@1", status: "unknown", lagMs: null, slaMs: 120_000 },
    ]);
    expect(busiest.flatMap(({ entities }) => entities)).toEqual([]);
    expect(problem).toBeNull();
  });

  it("counts what was put, and draws the tiles of the busiest", async () => {
    const rows = Array.from({ length: 90 }, (_, id) => order(id, id % 3 === 0 ? "rare" : "often", id / 3));
    await runtime.put("orders", rows);
    await runtime.put("orders", rows.slice(0, 4));
    const kinesis = embeddedKinesisClient(runtime.endpoints.kinesis);
    const broken = { Data: Buffer.from("{no"), PartitionKey: "often" };
    await kinesis.send(new PutRecordsCommand({ StreamName: runtime.streams.orders!, Records: [broken] }));
    kinesis.destroy();
    clock.set(START_MS + 31 * MINUTE_MS);
    await runtime.heartbeat();
    await runtime.drain();
    await fetch(`${runtime.url}/v1/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "risk", keys: { card: "often" }, onStale: "serve" }),
    });

    // Tiles are read now and then, and were read a moment ago.
    await expect.poll(async () => (await take()).busiest[0]?.entities.length, { timeout: 60_000 }).toBe(2);
    const snapshot = await take();
    expect(viewOf(snapshot, "card@1")).toMatchObject({
      lagMs: 0,
      status: "warming",
      counts: { folded: 90, duplicate: 4, late: 0, quarantined: 1, excluded: 0 },
    });
    expect(snapshot.totals).toMatchObject({ events: 95, unfinishedBatches: 0 });
    expect(snapshot.totals.writeUnits).toBeGreaterThan(2);
    expect(snapshot.clock.nowMs).toBe(START_MS + 31 * MINUTE_MS);
    expect(snapshot.throughput.events.reduce((sum, events) => sum + events, 0)).toBeLessThanOrEqual(95);
    expect(snapshot.setAside).toMatchObject([{ source: "orders", reason: "malformed", count: 1 }]);
    expect(snapshot.predictions).toMatchObject([
      {
        model: "risk@1",
        policy: "serve",
        keys: ["often"],
        notFresh: [{ view: "card@1", status: "warming" }],
      },
    ]);
    expect(snapshot.latencies.find(({ name }) => name === "put to available")!.samples).toBe(95);
    expect(snapshot.latencies.find(({ name }) => name === "POST /v1/predict")).toMatchObject({ samples: 1 });

    const [ofCard, ofAll] = snapshot.busiest;
    expect(ofCard).toMatchObject({ view: "card@1", measure: "count", tileMs: 5 * MINUTE_MS, adds: true });
    // Twelve tiles up to that of 00:30; three events a minute, until 00:30.
    const full = (perTile: number) => [0, 0, 0, 0, 0, ...Array(6).fill(perTile), 0];
    expect(ofCard!.entities.map(({ key, tiles }) => ({ key, tiles }))).toEqual([
      { key: ["often"], tiles: full(10) },
      { key: ["rare"], tiles: full(5) },
    ]);
    expect(ofAll!.entities).toEqual([{ key: [], tiles: full(15), lastTileMs: START_MS + 30 * MINUTE_MS }]);
  });

  it("turns stale with the clock, and fresh again behind a heartbeat", async () => {
    clock.set(START_MS + 40 * MINUTE_MS);
    expect(viewOf(await take(), "card@1")).toMatchObject({ status: "stale", lagMs: 9 * MINUTE_MS });
    await runtime.heartbeat();
    await runtime.drain();
    expect(viewOf(await take(), "card@1")).toMatchObject({ status: "warming", lagMs: 0 });
  });

  it("leaves every other path to the API", async () => {
    for (const path of ["/healthz", "/openapi.json", "/metrics"]) {
      expect((await fetch(runtime.url + path)).status).toBe(200);
    }
    const missing = await fetch(`${runtime.url}/live/nothing`);
    expect([missing.status, missing.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
    const posted = await fetch(runtime.url, { method: "POST" });
    expect([posted.status, posted.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
  });

  it("streams snapshots, and ends when the runtime stops", async () => {
    const response = await fetch(`${runtime.url}/live/events`);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (text.split("\n\n").length < 3) text += (await reader.read()).value;
    const [first, second] = text.split("\n\n").map((each) => /^data: (.*)$/m.exec(each)?.[1] ?? "");
    const [earlier, later] = [first!, second!].map((each) => JSON.parse(each) as LiveSnapshot);
    expect(later!.takenAtMs - earlier!.takenAtMs).toBeGreaterThan(500);
    expect(viewOf(later!, "card@1").lagHistory.length).toBeGreaterThan(1);

    await runtime.stop();
    // A connection that the server had to cut would throw.
    while (!(await reader.read()).done);
  });
});
