import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { GetRecordsCommand, GetShardIteratorCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddedKinesisClient } from "../../lib/local/embedded-clients.ts";
import { createFileObjectStore } from "../../lib/local/file-object-store.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { createReplayClock, type ReplayClock } from "../../lib/local/replay-clock.ts";
import { type LocalRuntime, startLocalRuntime } from "../../lib/local/runtime.ts";
import type { BatchReport } from "../../lib/online/batch-report.ts";
import { readChannel } from "../../lib/online/channels.ts";
import { countOutcomes } from "../../lib/online/counts.ts";
import type { PredictionLogEntry } from "../../lib/serve/prediction-log.ts";

const run = promisify(execFile);
const definitionsFile = fileURLToPath(new URL("fixtures/orders.ts", import.meta.url));
const START_MS = Date.parse("2024-01-01T00:00:00Z");
const at = (minute: number) => new Date(START_MS + minute * 60_000).toISOString();
const order = (id: number, card: string, amount: number, minute: number) => ({
  id: `o${id}`,
  card,
  amount,
  at: at(minute),
});

let runtime: LocalRuntime;
let clock: ReplayClock;
const reports: BatchReport[] = [];
const predictions: PredictionLogEntry[] = [];
const logged: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[] = [];
const log = (level: string) => (message: string, fields: Readonly<Record<string, unknown>>) =>
  void logged.push({ level, message, fields });

beforeAll(async () => {
  clock = createReplayClock(START_MS);
  runtime = await startLocalRuntime({
    definitionsFile,
    clock,
    batchSize: 50,
    onMetrics: (report) => reports.push(report),
    onPrediction: (entry) => void predictions.push(entry),
    logger: { info: () => {}, warn: log("warn"), error: log("error") },
  });
});
afterAll(() => runtime.stop());

async function features(view: string, keys: Record<string, string>) {
  const response = await fetch(`${runtime.url}/v1/features`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ view, keys }),
  });
  return { status: response.status, body: (await response.json()) as { views: Record<string, Answer> } };
}
interface Answer {
  readonly features: Readonly<Record<string, number | null>>;
  readonly lagMs: number | null;
  readonly status: string;
}

describe("a pipeline in one process", () => {
  it("answers over HTTP what was put, duplicates once, on the injected clock", async () => {
    const rows = Array.from({ length: 200 }, (_, id) => order(id, `card ${id % 8}`, id, id / 10));
    await runtime.put("orders", rows);
    await runtime.put("orders", rows.slice(100, 110));
    clock.set(START_MS + 20 * 60_000);
    await runtime.heartbeat();
    await runtime.drain();

    const ofCard3 = rows.filter(({ card }) => card === "card 3");
    const { status, body } = await features("card", { card: "card 3" });
    expect(status).toBe(200);
    const [answer] = Object.values(body.views);
    expect(answer!.features).toEqual({
      orders_1h: ofCard3.length,
      spend_1h: ofCard3.reduce((sum, { amount }) => sum + amount, 0),
    });
    expect(answer!.lagMs).toBe(0);

    const all = await features("everything", {});
    expect(Object.values(all.body.views)[0]!.features).toEqual({ orders_1h: 200 });
  });

  it("tells the same through its reader, and counts every record once", async () => {
    const plan = runtime.plans.find(({ id }) => id === "card@1")!;
    const [reading] = await runtime.reader.read([{ plan, key: ["card 3"] }]);
    expect(reading).toMatchObject({ known: true, values: { orders_1h: 25 }, lagMs: 0 });
    const { store, objectStore, plans } = runtime;
    const counts = await countOutcomes({ store, objects: objectStore, plans });
    expect(counts.get("card@1")).toMatchObject({
      folded: 200,
      duplicate: 10,
      late: 0,
      quarantined: 0,
      items: 8,
    });
    expect(runtime.stats().streams.orders).toMatchObject({ put: 210 });
  });

  it("uses both shards, one batch at a time each, and reports every batch", () => {
    const writers = new Set(reports.map(({ writer }) => writer));
    expect(writers.size).toBe(2);
    expect(Math.max(...reports.map(({ records }) => records))).toBeLessThanOrEqual(50);
    expect(reports.reduce((sum, { records, heartbeats }) => sum + records - heartbeats, 0)).toBe(210);
    expect(runtime.stats().heartbeats).toBe(reports.reduce((sum, { heartbeats }) => sum + heartbeats, 0));
    const { shards } = runtime.stats().streams.orders!;
    for (const shard of shards) expect(shard.handled).toBe(shard.read);
  });

  it("quarantines what PutRecords brought past it, and moves on", async () => {
    const kinesis = embeddedKinesisClient(runtime.endpoints.kinesis);
    await kinesis.send(
      new PutRecordsCommand({
        StreamName: runtime.streams.orders!,
        Records: [{ Data: Buffer.from("{not json"), PartitionKey: "card 3" }],
      }),
    );
    kinesis.destroy();
    await runtime.put("orders", [order(900, "card 3", 1, 20)]);
    await runtime.drain();
    const entries = [];
    for await (const entry of readChannel(runtime.objectStore, "quarantine")) entries.push(entry);
    expect(entries).toMatchObject([
      { reason: "malformed", partitionKey: "card 3", payload: Buffer.from("{not json").toString("base64") },
    ]);
    const { body } = await features("card", { card: "card 3" });
    expect(Object.values(body.views)[0]!.features.orders_1h).toBe(26);
  });

  it("lets lag grow with the injected clock, until a heartbeat has gone through", async () => {
    clock.set(START_MS + 30 * 60_000);
    const [before] = Object.values((await features("card", { card: "card 3" })).body.views);
    expect(before).toMatchObject({ lagMs: 10 * 60_000, status: "stale" });
    await runtime.heartbeat();
    await runtime.drain();
    clock.set(START_MS + 30 * 60_000 + 1_000);
    const [after] = Object.values((await features("card", { card: "card 3" })).body.views);
    expect(after).toMatchObject({ lagMs: 1_000 });
  });

  it("scores over HTTP with the definitions' own model, and tells of each prediction", async () => {
    const response = await fetch(`${runtime.url}/v1/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ keys: { card: "card 3" } }),
    });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { score: number };
    expect(answer.score).toBeCloseTo(1 / (1 + Math.exp(1 - 26 / 100)), 6);
    expect(predictions).toMatchObject([{ score: answer.score, vector: { values: [26] } }]);
  });

  it("refuses a source that there is not, and a row that does not fit", async () => {
    await expect(runtime.put("order", [])).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: 'there is no source "order"; the definitions have orders.',
    });
    await expect(runtime.put("orders", [{ ...order(1, "c", 1, 1), amount: "1" }])).rejects.toMatchObject({
      code: "REQUEST_INVALID",
    });
  });

  it("logged no warning and no error", () => {
    expect(logged).toEqual([]);
  });
});

describe("starting and stopping", () => {
  const THREADS = [{ serverThread: false }, { serverThread: true }];

  it("refuses a thread of servers that a folder is to keep", async () => {
    const options = { definitionsFile, serverThread: true, folder: { path: "unused", madeBy: {} } };
    await expect(startLocalRuntime(options)).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: "serverThread is true and folder is given; only one of them may be.",
    });
  });

  it.each(THREADS)("says that a port is in use, and leaves nothing running: %j", async (options) => {
    const blocker: Server = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as AddressInfo;
    const program = `
      import { startLocalRuntime } from ${JSON.stringify(new URL("../../lib/local/runtime.ts", import.meta.url).href)};
      await startLocalRuntime({ definitionsFile: ${JSON.stringify(definitionsFile)}, port: ${port}, ...${JSON.stringify(options)} }).catch((error) =>
        console.log(error.code, error.message.includes("${port}")));`;
    const { stdout, stderr } = await runProgram(program);
    expect(stdout).toBe("PORT_IN_USE true\n");
    expect(stderr).toBe("");
    await new Promise((resolve) => blocker.close(resolve));
  });

  it("refuses with 503, when it is stopped, what was sent on its connections and not begun", async () => {
    const own = await startLocalRuntime({ definitionsFile, clock });
    const socket = connect(Number(new URL(own.url).port), "127.0.0.1");
    try {
      socket.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
      await once(socket, "data");
      const body = JSON.stringify({ view: "everything", keys: {} });
      socket.write(
        `POST /v1/features HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      const stopped = own.stop();
      let answer = "";
      for await (const chunk of socket) answer += chunk;
      expect(answer).toMatch(/^HTTP\/1\.1 503 /);
      expect(answer).toMatch(/^connection: close\r$/im);
      expect(answer).toContain('"type":"/problems/shutting-down"');
      await stopped;
    } finally {
      socket.destroy();
      await own.stop();
    }
  });

  it.each(THREADS)(
    "lets the process end by itself once it is stopped, and prints nothing: %j",
    async (options) => {
      const program = `
      import { startLocalRuntime } from ${JSON.stringify(new URL("../../lib/local/runtime.ts", import.meta.url).href)};
      const runtime = await startLocalRuntime({ definitionsFile: ${JSON.stringify(definitionsFile)}, ...${JSON.stringify(options)} });
      const now = new Date().toISOString();
      await runtime.put("orders", Array.from({ length: 100 }, (_, id) => ({ id: String(id), card: "c" + (id % 9), amount: 1, at: now })));
      await runtime.drain();
      const ready = await fetch(runtime.url + "/readyz");
      console.log(ready.status);
      await Promise.all([runtime.stop(), runtime.stop()]);
      console.log(await fetch(runtime.url + "/readyz").then(() => "answers", () => "gone"));`;
      const { stdout, stderr } = await runProgram(program);
      expect(stdout).toBe("200\ngone\n");
      expect(stderr).toBe("");
    },
  );

  it("goes on folding when the stream forgets what was handled", async () => {
    const small = await startLocalRuntime({
      definitionsFile,
      clock: createReplayClock(START_MS),
      shards: 1,
      keepRecords: 0,
    });
    try {
      for (let round = 0; round < 5; round++) {
        await small.put("orders", [order(2 * round, "a", 1, 1), order(2 * round + 1, "b", 1, 1)]);
        await small.drain();
      }
      const counts = await countOutcomes({
        store: small.store,
        objects: small.objectStore,
        plans: small.plans,
      });
      expect(counts.get("card@1")).toMatchObject({ folded: 10, items: 2 });
      const kinesis = embeddedKinesisClient(small.endpoints.kinesis);
      const { ShardIterator } = await kinesis.send(
        new GetShardIteratorCommand({
          StreamName: small.streams.orders!,
          ShardId: "shardId-000000000000",
          ShardIteratorType: "TRIM_HORIZON",
        }),
      );
      await expect
        .poll(async () => (await kinesis.send(new GetRecordsCommand({ ShardIterator }))).Records)
        .toEqual([]);
      kinesis.destroy();
    } finally {
      await small.stop();
    }
  });

  it("holds a shard while a bad record cannot be set aside, and loses nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "freshet-runtime-"));
    const occupied = join(folder, "objects");
    await writeFile(occupied, "a file where the folder should be");
    const errors: unknown[] = [];
    const stuck = await startLocalRuntime({
      definitionsFile,
      clock: createReplayClock(START_MS),
      shards: 1,
      objectStore: createFileObjectStore(occupied),
      logger: { info: () => {}, warn: () => {}, error: (_, { error }) => void errors.push(error) },
    });
    try {
      const count = async () => {
        const counts = await countOutcomes({
          store: stuck.store,
          objects: createMemoryObjectStore(),
          plans: stuck.plans,
        });
        return counts.get("card@1")!.folded;
      };
      const bad = { ...order(1, "a", 1, 0), at: "not a time" };
      const kinesis = embeddedKinesisClient(stuck.endpoints.kinesis);
      const send = (row: object) =>
        kinesis.send(
          new PutRecordsCommand({
            StreamName: stuck.streams.orders!,
            Records: [{ Data: Buffer.from(JSON.stringify(row)), PartitionKey: "a" }],
          }),
        );
      await send(bad);
      await expect.poll(() => errors.length, { timeout: 60_000 }).toBeGreaterThan(1);
      expect(errors[0]).toMatchObject({ code: "OBJECT_STORE_UNWRITABLE" });
      await send(order(2, "a", 1, 0));
      kinesis.destroy();
      expect(await count()).toBe(0);

      await rm(occupied);
      await stuck.drain();
      expect(await count()).toBe(1);
      const reasons = [];
      for await (const entry of readChannel(stuck.objectStore, "quarantine")) reasons.push(entry.reason);
      expect(reasons).toEqual(["schema"]);
    } finally {
      await stuck.stop();
      await rm(folder, { recursive: true });
    }
  });

  it("leaves nothing running when the definitions cannot be loaded", async () => {
    const program = `
      import { startLocalRuntime } from ${JSON.stringify(new URL("../../lib/local/runtime.ts", import.meta.url).href)};
      await startLocalRuntime({ definitionsFile: "nowhere.ts" }).catch((error) => console.log(error.code));`;
    expect((await runProgram(program)).stdout).toBe("DEFINITIONS_NOT_FOUND\n");
  });

  it.each([
    ["shards", 0],
    ["shards", 501],
    ["port", 70_000],
    ["batchSize", 10_001],
    ["keepRecords", -1],
  ])("refuses %s of %d", async (name, value) => {
    await expect(startLocalRuntime({ definitionsFile, [name]: value })).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: expect.stringContaining(`${name} is ${value}`),
    });
  });
});

/** Runs a program of its own; fails unless it ends by itself with success. */
function runProgram(program: string) {
  return run(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
    timeout: 110_000,
  });
}
