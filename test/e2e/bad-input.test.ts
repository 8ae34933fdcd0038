import { fileURLToPath } from "node:url";
import { PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entityKey } from "../../lib/engine/key.ts";
import { embeddedKinesisClient } from "../../lib/local/embedded-clients.ts";
import { type LocalRuntime, startLocalRuntime } from "../../lib/local/runtime.ts";
import { type Channel, type ChannelEntry, readChannel } from "../../lib/online/channels.ts";
import { progressKey } from "../../lib/online/progress.ts";

const definitionsFile = fileURLToPath(new URL("fixtures/payments.ts", import.meta.url));
const now = () => new Date().toISOString();
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

let runtime: LocalRuntime;
beforeAll(async () => {
  runtime = await startLocalRuntime({ definitionsFile, shards: 2, logger: quiet });
});
afterAll(() => runtime.stop());

async function putRecord(
  data: Uint8Array | string,
  partitionKey: string,
  explicitHashKey?: string,
): Promise<void> {
  const kinesis = embeddedKinesisClient(runtime.endpoints.kinesis);
  const record = { Data: Buffer.from(data), PartitionKey: partitionKey };
  const { FailedRecordCount } = await kinesis.send(
    new PutRecordsCommand({
      StreamName: runtime.streams.payments!,
      Records: [explicitHashKey === undefined ? record : { ...record, ExplicitHashKey: explicitHashKey }],
    }),
  );
  kinesis.destroy();
  expect(FailedRecordCount).toBe(0);
}

async function entriesOf(channel: Channel): Promise<ChannelEntry[]> {
  const entries: ChannelEntry[] = [];
  for await (const entry of readChannel(runtime.objectStore, channel)) entries.push(entry);
  return entries;
}

async function post(path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${runtime.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  expect(response.headers.get("x-request-id")).toBeTruthy();
  if (response.status !== 200)
    expect(response.headers.get("content-type")).toContain("application/problem+json");
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function paymentsOf(card: string): Promise<{ known: boolean; payments: unknown; spend: unknown }> {
  const [reading] = await runtime.reader.read([{ plan: runtime.plans[0]!, key: [card] }]);
  const { payments_1h, spend_1h } = reading!.values;
  return { known: reading!.known, payments: payments_1h, spend: spend_1h };
}

const payment = (changes: Record<string, unknown> = {}) =>
  JSON.stringify({ id: `p${Math.random()}`, card: "c", amount: 10, at: now(), ...changes });

/** Just below Kinesis's limit for a record with its key. */
const MEBIBYTE = 1024 * 1024 - 64;

describe("a bad record put past the producer's checks", () => {
  const cases: readonly {
    name: string;
    reason: string;
    record: (card: string) => string | Uint8Array;
    key?: string;
    hash?: string;
  }[] = [
    { name: "malformed JSON", reason: "malformed", record: (card) => payment({ card }).slice(0, -5) },
    { name: "bytes that are not UTF-8", reason: "malformed", record: () => Uint8Array.of(0x7b, 0xff, 0x22) },
    { name: "a wrong type", reason: "schema", record: (card) => payment({ card, amount: true }) },
    { name: "a missing key", reason: "schema", record: () => payment({ card: undefined }) },
    { name: "a number as a string", reason: "schema", record: (card) => payment({ card, amount: "10" }) },
    { name: "no object at all", reason: "schema", record: () => "[1,2,3]" },
    {
      name: "an event time in 2100",
      reason: "future",
      record: (card) => payment({ card, at: "2100-01-01T00:00:00Z" }),
    },
    {
      name: "a wrong partition key",
      reason: "wrong-partition-key",
      record: (card) => payment({ card: `${card} too` }),
    },
    { name: "1 MiB of no JSON", reason: "malformed", record: () => Buffer.alloc(MEBIBYTE, 0x61) },
  ];

  it.each(cases)("$name is quarantined whole, and its shard moves on", async ({ name, reason, record }) => {
    const card = `card of ${name}`;
    const data = Buffer.from(record(card));
    await putRecord(data, card);
    await runtime.put("payments", [{ id: `after ${name}`, card, amount: 2.5, at: now() }]);
    await runtime.drain();
    const [entry] = (await entriesOf("quarantine")).filter(({ partitionKey }) => partitionKey === card);
    expect(entry).toMatchObject({ source: "payments", reason, payload: data.toString("base64") });
    expect(entry!.detail).not.toBe("");
    expect(await paymentsOf(card)).toEqual({ known: true, payments: 1, spend: 2.5 });
  });

  it("an explicit hash key that overtakes a card's own shard is quarantined", async () => {
    const everywhere = [0n, 2n ** 128n - 1n];
    for (const hash of everywhere) await putRecord(payment({ card: "overtaker" }), "overtaker", String(hash));
    await runtime.drain();
    const entries = (await entriesOf("quarantine")).filter(
      ({ partitionKey }) => partitionKey === "overtaker",
    );
    expect(entries.map(({ reason }) => reason)).toEqual(["wrong-partition-key"]);
    expect((await paymentsOf("overtaker")).payments).toBe(1);
  });

  it("a record of 1 MiB that fits the schema is folded", async () => {
    const note = "n".repeat(MEBIBYTE - 200);
    await putRecord(payment({ card: "large", note }), "large");
    await runtime.drain();
    expect(await paymentsOf("large")).toMatchObject({ payments: 1, spend: 10 });
  });

  it("an event of 1970 goes to the late channel of a card with recent events", async () => {
    await runtime.put("payments", [{ id: "recent", card: "old", amount: 1, at: now() }]);
    const data = payment({ card: "old", at: "1970-01-02T00:00:00Z" });
    await putRecord(data, "old");
    await runtime.put("payments", [{ id: "next", card: "old", amount: 2, at: now() }]);
    await runtime.drain();
    const entries = (await entriesOf("late")).filter(({ partitionKey }) => partitionKey === "old");
    expect(entries).toMatchObject([
      { view: "card@1", reason: "late", payload: Buffer.from(data).toString("base64") },
    ]);
    expect(await paymentsOf("old")).toEqual({ known: true, payments: 2, spend: 3 });
  });
});

describe("a bad request", () => {
  it("for an unknown entity is answered as never seen, not as zero spend", async () => {
    const { status, body } = await post("/v1/features", { view: "card", keys: { card: "nobody" } });
    expect(status).toBe(200);
    expect(Object.values(body.views as object)[0]).toMatchObject({
      known: false,
      features: { payments_1h: 0, spend_1h: null },
    });
  });

  it.each([
    ["an unknown view", "/v1/features", { view: "cards", keys: { card: "a" } }, 404, "unknown-view"],
    ["an unknown model", "/v1/predict", { model: "none", keys: { card: "a" } }, 404, "unknown-model"],
    ["a missing key", "/v1/predict", { keys: {} }, 400, "invalid-request"],
    ["an unknown field", "/v1/predict", { keys: { card: "a" }, contxt: {} }, 400, "invalid-request"],
    ["a key of the wrong type", "/v1/predict", { keys: { card: ["a"] } }, 400, "invalid-request"],
    ["no JSON", "/v1/predict", "{", 400, "invalid-json"],
    [
      "ill-formed Unicode",
      "/v1/features",
      '{"view":"card","keys":{"card":"\\ud800"}}',
      400,
      "invalid-request",
    ],
  ] as const)("%s is answered by a problem document", async (_, path, sent, status, type) => {
    const answer = await post(path, sent);
    expect(answer).toMatchObject({
      status,
      body: { status, type: `/problems/${type}`, detail: expect.any(String) },
    });
  });
});

/** A newer release that folded an item also wrote progress, so that this process's warm images are let go. */
async function anotherProcessWroteProgress(): Promise<void> {
  for await (const item of runtime.store.scan()) {
    if (!item.pk.startsWith(progressKey("card@1", ""))) continue;
    const { pk: _, ...expected } = item;
    const outcome = await runtime.store.put({ ...item, process: "another process" }, { expected });
    expect(outcome.status).toBe("written");
  }
}

describe("an item of a codec version of the future", () => {
  it("is not overwritten: the shard waits, and goes on once the item can be read", async () => {
    const pk = entityKey(runtime.plans[0]!, ["newer"]).partition;
    await runtime.put("payments", [{ id: "n1", card: "newer", amount: 1, at: now() }]);
    await runtime.drain();
    const item = (await runtime.store.get([pk], { consistent: true })).get(pk)!;
    const image = item.image as Uint8Array;
    const future = Uint8Array.from(image);
    future[0] = 200;
    await runtime.store.put({ ...item, image: future }, { expected: { position: item.position! } });
    await anotherProcessWroteProgress();

    let drained = false;
    await runtime.put("payments", [{ id: "n2", card: "newer", amount: 2, at: now() }]);
    const drain = runtime.drain().then(() => {
      drained = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(drained).toBe(false);
    const waiting = (await runtime.store.get([pk], { consistent: true })).get(pk)!;
    expect(waiting.image).toEqual(future);
    expect(
      await entriesOf("quarantine").then((all) => all.filter(({ partitionKey }) => partitionKey === "newer")),
    ).toEqual([]);
    expect(await post("/v1/features", { view: "card", keys: { card: "newer" } })).toMatchObject({
      status: 503,
      body: { type: "/problems/state-unreadable" },
    });

    await runtime.store.put({ ...waiting, image }, { expected: { position: waiting.position! } });
    await drain;
    expect(await paymentsOf("newer")).toEqual({ known: true, payments: 2, spend: 3 });
  });
});
