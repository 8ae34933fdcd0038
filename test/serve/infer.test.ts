import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createInferApp, type InferApp } from "../../functions/infer/create-infer-app.ts";
import { functionEntry } from "../../lib/bundle/function-build.ts";
import { planView } from "../../lib/engine/plan.ts";
import { importFunction } from "../../lib/local/bundle.ts";
import { startDynalite } from "../../lib/local/dynalite-server.ts";
import type { EmbeddedServer } from "../../lib/local/embedded-server.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { createDynamoStateStore } from "../../lib/online/dynamo-state-store.ts";
import { createShardDirectory } from "../../lib/online/shard-directory.ts";
import { createTable } from "../../lib/online/table.ts";
import { createWriteLoop } from "../../lib/online/write-loop.ts";
import { predictionBatchAnswer } from "../../lib/serve/answers.ts";
import { servicesAnswer, viewsAnswer } from "../../lib/serve/catalog-answers.ts";
import { historyAnswer } from "../../lib/serve/routes/history.ts";
import * as checkout from "./fixtures/checkout.ts";
import { predictionOf, problemOf, REQUEST } from "./fixtures/harness.ts";

const NOW_MS = Date.parse("2026-03-01T12:00:00.000Z");
const SEQUENCE = "49590338271490256608559692538361571095921575989136588898";
const clock = { now: () => NOW_MS };
const wasmFile = createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
const modelsFolder = fileURLToPath(new URL("./fixtures/", import.meta.url));

const silent = { info: () => {}, warn: () => {}, error: () => {} };

let dynalite: EmbeddedServer;
let environment: Record<string, string>;

beforeAll(async () => {
  dynalite = await startDynalite();
  environment = {
    FRESHET_TABLE: "freshet",
    FRESHET_MODELS_DIR: modelsFolder,
    FRESHET_ONNX_WASM: wasmFile,
    AWS_ENDPOINT_URL_DYNAMODB: dynalite.endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  };
  const client = new DynamoDBClient({
    endpoint: dynalite.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await createTable(client, "freshet");
  await foldTransactions(client);
  client.destroy();
});
afterAll(() => dynalite.stop());

/** Two purchases by c1, of 30 and 10, 20 and 10 minutes ago; the shard is folded up to 3 s ago. Nothing of logins. */
async function foldTransactions(client: DynamoDBClient): Promise<void> {
  const { transactions, definitions } = checkout;
  const store = createDynamoStateStore({ client, table: "freshet" });
  const plans = definitions.views.map(planView);
  const shardId = "shardId-000000000000";
  const hashRange = { start: "0".repeat(32), end: "f".repeat(32) };
  const directory = createShardDirectory({
    describe: async () => ({
      arn: "arn:aws:kinesis:us-east-1:000000000000:stream/transactions",
      createdMs: NOW_MS - 86_400_000,
      shards: [{ shardId, hashRange, parents: [], open: true }],
    }),
    store,
    clock,
    plans,
  });
  const shard = await directory.shardOf(transactions, shardId);
  const loop = createWriteLoop({
    source: transactions,
    plans,
    store,
    objects: createMemoryObjectStore(),
    processId: "test",
  });
  const purchase = (id: string, card: string, amount: number, agoMs: number, sequence: string) => ({
    data: new TextEncoder().encode(
      JSON.stringify({ id, card, merchant: 1, amount, at: new Date(NOW_MS - agoMs).toISOString() }),
    ),
    partitionKey: card,
    sequenceNumber: SEQUENCE.slice(0, -1) + sequence,
    approximateArrivalMs: NOW_MS - agoMs,
  });
  const report = await loop.processBatch({
    shard,
    records: [
      purchase("t1", "c1", 30, 1_200_000, "1"),
      purchase("t2", "c1", 10, 600_000, "2"),
      purchase("t3", "c2", 7, 3_000, "3"),
    ],
  });
  expect(report.failures).toEqual([]);
}

function start(options: Partial<Parameters<typeof createInferApp>[0]> = {}): Promise<InferApp> {
  return createInferApp({ environment, definitions: checkout, clock, logger: silent, ...options });
}

function post({ app }: InferApp, body: unknown): Promise<Response> {
  return Promise.resolve(
    app.request("/v1/predict", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

describe("createInferApp on a table", () => {
  let infer: InferApp;
  beforeAll(async () => {
    infer = await start();
  });
  afterAll(() => infer.close());

  it("scores what was folded with the model's own file", async () => {
    const response = await post(infer, { ...REQUEST, model: "plain" });
    expect(response.status).toBe(200);
    const answer = await predictionOf(response);
    const vector = [40, 2, 0, 2, 80];
    expect(Object.values(answer.features!)).toEqual(vector);
    expect(answer.score).toBeCloseTo(checkout.scoreOf(vector), 5);
    expect(answer.asOf).toBe("2026-03-01T12:00:00.000Z");
    expect(answer.views.card).toMatchObject({
      known: true,
      lagMs: 3_000,
      status: "warming",
      consistent: true,
      position: [{ sequenceNumber: `${SEQUENCE.slice(0, -1)}2` }],
    });
  });

  it("knows nothing of a view whose stream was never folded, and says so", async () => {
    const response = await post(infer, { ...REQUEST, model: "plain" });
    expect(response.headers.get("X-Freshness-Violation")).toBe("payer=unknown");
    const { payer } = (await predictionOf(response)).views;
    expect(payer).toMatchObject({
      known: false,
      status: "unknown",
      lagMs: null,
      warming: null,
      position: [],
    });
  });

  it("rejects, answers the default or falls back as the model and the call say", async () => {
    const rejected = await post(infer, REQUEST);
    expect([rejected.status, rejected.headers.get("Retry-After")]).toEqual([503, "60"]);
    expect((await predictionOf(await post(infer, { ...REQUEST, onStale: "default" }))).score).toBe(0.125);
    const fallback = await predictionOf(await post(infer, { ...REQUEST, onStale: "fallback" }));
    expect(fallback).toMatchObject({ policy: "fallback", model: { name: "amount_only" } });
    expect(fallback.score).toBeCloseTo(1 / (1 + Math.exp(1 - 0.8)), 5);
  });

  it("scores a batch in one run as it scores each alone", async () => {
    const entities = ["c1", "c2", "c3"].map((card) => ({
      keys: { card, payer: "ann" },
      context: REQUEST.context,
    }));
    const response = await post(infer, { model: "plain", entities });
    const { results } = predictionBatchAnswer.parse(await response.json());
    expect(results.map((row) => "views" in row && row.views.card?.known)).toEqual([true, true, false]);
    for (const [index, row] of results.entries()) {
      const { requestId: _, ...alone } = await predictionOf(
        await post(infer, { model: "plain", ...entities[index] }),
      );
      expect(row).toEqual({ ...alone, score: expect.closeTo(alone.score, 6) });
    }
  });

  it("lists views with their freshness by shard", async () => {
    const response = await infer.app.request("/v1/views");
    const { views } = viewsAnswer.parse(await response.json());
    expect(views.map(({ view, version }) => `${view}@${version}`).sort()).toEqual(
      checkout.definitions.views.map(({ name, version }) => `${name}@${version}`).sort(),
    );
    const card = views.find(({ view }) => view === "card")!;
    expect(card).toMatchObject({
      source: "transactions",
      entity: ["card"],
      singleWriter: true,
      owner: null,
      slaMs: 120_000,
      asOf: "2026-03-01T12:00:00.000Z",
      lagMs: 3_000,
      status: "warming",
      shards: [
        {
          shard: expect.stringMatching(/shardId-000000000000$/),
          open: true,
          progress: "2026-03-01T11:59:57.000Z",
          sequenceNumber: `${SEQUENCE.slice(0, -1)}3`,
          lagMs: 3_000,
          status: "warming",
        },
      ],
    });
    expect(card.features[0]).toEqual({
      name: "spend_1h",
      aggregation: "sum",
      of: "amount",
      filtered: false,
      parameters: {},
      window: { kind: "sliding", widthMs: 3_600_000, hopMs: 300_000 },
    });
    expect(views.find(({ view }) => view === "account")).toMatchObject({
      status: "unknown",
      lagMs: null,
      shards: [],
      features: [{ filtered: true, of: null }],
    });
  });

  it("lists services with their models and the freshness of their views", async () => {
    const response = await infer.app.request("/v1/services");
    const { services } = servicesAnswer.parse(await response.json());
    expect(services.find(({ service }) => service === "checkout")).toMatchObject({
      version: 3,
      views: [
        { alias: "card", view: "card", version: 2, keys: { card: "card" }, lagMs: 3_000, status: "warming" },
        { alias: "payer", view: "account", keys: { account: "payer" }, lagMs: null, status: "unknown" },
      ],
      context: [
        { name: "amount", types: ["number"], nullable: false },
        { name: "note", types: ["string"], nullable: true },
      ],
      vector: ["card.spend_1h", "card.txns_1h", "payer.failures_10m", "ratio", "request.amount"],
      derives: true,
      models: [
        { model: "fraud", version: 7, onStale: "reject", fallback: "amount_only", batching: "one-run" },
        { model: "plain", fallback: null },
      ],
    });
    expect(services.find(({ service }) => service === "by_amount")).toMatchObject({ views: [] });
  });

  it("answers an entity's tiles with the freshness and position of a read", async () => {
    const response = await infer.app.request("/v1/views/card/history?key.card=c1");
    const history = historyAnswer.parse(await response.json());
    expect(history).toMatchObject({
      view: "card",
      version: 2,
      key: { card: "c1" },
      known: true,
      lagMs: 3_000,
      status: "warming",
      position: [{ sequenceNumber: `${SEQUENCE.slice(0, -1)}2` }],
      withoutTiles: [],
    });
    expect(history.series).toEqual([
      {
        features: ["spend_1h"],
        emptyValue: null,
        stretches: [{ from: "2026-03-01T10:45:00.000Z", to: "2026-03-01T12:05:00.000Z", hopMs: 300_000 }],
        tiles: [
          { start: "2026-03-01T11:40:00.000Z", end: "2026-03-01T11:45:00.000Z", value: 30, open: false },
          { start: "2026-03-01T11:50:00.000Z", end: "2026-03-01T11:55:00.000Z", value: 10, open: false },
        ],
      },
      expect.objectContaining({ features: ["txns_1h"], emptyValue: 0 }),
    ]);
    const narrowed = await infer.app.request(
      "/v1/views/card@2/history?key.card=c1&feature=txns_1h&from=2026-03-01T11:45:00Z&to=1772366400000",
    );
    const { series } = historyAnswer.parse(await narrowed.json());
    expect(series.map(({ features, tiles }) => [features, tiles.map(({ value }) => value)])).toEqual([
      [["txns_1h"], [1]],
    ]);
    const nobody = await infer.app.request("/v1/views/card/history?key.card=nobody");
    expect(historyAnswer.parse(await nobody.json())).toMatchObject({
      known: false,
      series: [{ tiles: [], stretches: [] }, { tiles: [] }],
    });
  });

  it("is ready until it is closed", async () => {
    const own = await start();
    expect((await own.app.request("/readyz")).status).toBe(200);
    await own.close();
    await own.close();
    const response = await own.app.request("/readyz");
    expect([response.status, (await problemOf(response)).type]).toEqual([503, "/problems/not-ready"]);
    expect((await own.app.request("/healthz")).status).toBe(200);
  });

  it("answers 400 to a key that no entity can have", async () => {
    const response = await post(infer, { ...REQUEST, keys: { card: "\ud800", payer: "ann" } });
    expect(response.status).toBe(400);
    expect((await problemOf(response)).type).toBe("/problems/invalid-request");
  });
});

describe("createInferApp without what it needs", () => {
  it("names the variable that is not set", async () => {
    await expect(start({ environment: { ...environment, FRESHET_TABLE: "" } })).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: expect.stringContaining("FRESHET_TABLE"),
    });
  });

  it("names the WebAssembly and the model file that are not there", async () => {
    const folder = await mkdtemp(join(tmpdir(), "freshet-infer-test-"));
    const elsewhere = { ...environment, FRESHET_MODELS_DIR: folder };
    await expect(
      start({ environment: { ...elsewhere, FRESHET_ONNX_WASM: join(folder, "no.wasm") } }),
    ).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringContaining("no.wasm"),
    });
    await expect(start({ environment: elsewhere })).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringContaining("amount-only.onnx"),
    });
    await rm(folder, { recursive: true });
  });

  it("answers 503 while the store is unreachable, and starts all the same", async () => {
    const infer = await start({
      environment: { ...environment, AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:1" },
    });
    const response = await post(infer, REQUEST);
    expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "1"]);
    const problem = await problemOf(response);
    expect(problem.type).toBe("/problems/store-unavailable");
    expect(JSON.stringify(problem)).not.toContain("127.0.0.1");
    expect((await infer.app.request("/readyz")).status).toBe(503);
    await infer.close();
  });

  it("answers 503 where the table does not exist", async () => {
    const infer = await start({ environment: { ...environment, FRESHET_TABLE: "nothing" } });
    expect((await infer.app.request("/readyz")).status).toBe(503);
    expect((await problemOf(await post(infer, REQUEST))).type).toBe("/problems/store-unavailable");
    await infer.close();
  });
});

describe("the infer function as it is deployed", () => {
  it("is one bundle that answers Lambda events, with models and WebAssembly in a folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "freshet-infer-test-"));
    await copyFile(wasmFile, join(folder, "ort-wasm-simd-threaded.wasm"));
    for (const file of ["good.onnx", "amount-only.onnx"])
      await copyFile(join(modelsFolder, file), join(folder, file));
    const { FRESHET_ONNX_WASM: _, ...variables } = environment;
    for (const [name, value] of Object.entries({ ...variables, FRESHET_MODELS_DIR: folder }))
      vi.stubEnv(name, value);
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
    try {
      const { handler } = await importFunction<typeof import("../../functions/infer/index.ts")>({
        entryFile: functionEntry("infer"),
        definitionsFile: fileURLToPath(new URL("./fixtures/checkout.ts", import.meta.url)),
      });
      const event = JSON.parse(
        await readFile(new URL("./fixtures/function-url-event.json", import.meta.url), "utf8"),
      );
      const answer = await handler(event);
      expect(answer).toMatchObject({
        statusCode: 200,
        headers: { "x-request-id": "from-the-event", "content-type": "application/json" },
      });
      expect(JSON.parse(answer.body)).toMatchObject({
        model: { name: "amount_only" },
        score: expect.closeTo(1 / (1 + Math.exp(1 - 0.8)), 5),
      });
    } finally {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true });
    }
  });
});
