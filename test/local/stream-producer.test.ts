import { GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { source } from "../../lib/define/source.ts";
import { decodeHeartbeat } from "../../lib/engine/heartbeat.ts";
import { createStreamProducer } from "../../lib/local/producer/stream-producer.ts";
import { type EmbeddedKinesis, startEmbeddedKinesis, type TestStream } from "./embedded-stream.ts";

let embedded: EmbeddedKinesis;
beforeAll(async () => {
  embedded = await startEmbeddedKinesis();
});
afterAll(() => embedded.stop());

const orders = source("orders", {
  schema: z.object({ id: z.string(), card: z.number(), note: z.string().optional(), at: z.iso.datetime() }),
  partitionKey: "card",
  eventTime: "at",
  eventId: "id",
});
const AT = "2024-01-01T00:00:00Z";
const order = (id: number, card: number) => ({ id: `o${id}`, card, at: AT });

async function recordsOf(stream: TestStream, shard: number) {
  const ShardId = `shardId-${String(shard).padStart(12, "0")}`;
  const { ShardIterator } = await embedded.kinesis.send(
    new GetShardIteratorCommand({
      StreamName: stream.streamName,
      ShardId,
      ShardIteratorType: "TRIM_HORIZON",
    }),
  );
  const { Records } = await embedded.kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records!;
}

const producerOf = (stream: TestStream) =>
  createStreamProducer({ kinesis: embedded.kinesis, streamName: stream.streamName, source: orders });

describe("putRecords", () => {
  it("puts any bytes under any key, to the shard of the explicit hash key where there is one", async () => {
    const stream = await embedded.newStream(2);
    const data = Uint8Array.of(0xff, 0x00, 0x7b);
    const producer = producerOf(stream);
    const lastHash = String(2n ** 128n - 1n);
    await producer.putRecords([
      { data, partitionKey: "a", explicitHashKey: "0" },
      { data: data.subarray(1), partitionKey: "b", explicitHashKey: lastHash },
      { data: data.subarray(2), partitionKey: "a", explicitHashKey: "0" },
    ]);
    const bytes = async (shard: number) =>
      (await recordsOf(stream, shard)).map(({ PartitionKey, Data }) => [PartitionKey, [...Data!]]);
    expect(await bytes(0)).toEqual([
      ["a", [0xff, 0x00, 0x7b]],
      ["a", [0x7b]],
    ]);
    expect(await bytes(1)).toEqual([["b", [0x00, 0x7b]]]);
  });
});

describe("put", () => {
  it("puts rows as JSON under their partition key, in order", async () => {
    const stream = await embedded.newStream();
    await producerOf(stream).put([order(1, 7), order(2, 7), order(3, 8)]);
    const records = await recordsOf(stream, 0);
    const byKey = (key: string) =>
      records
        .filter(({ PartitionKey }) => PartitionKey === key)
        .map(({ Data }) => JSON.parse(String(Buffer.from(Data!))));
    expect(byKey("7")).toEqual([order(1, 7), order(2, 7)]);
    expect(byKey("8")).toEqual([order(3, 8)]);
    expect(records.length).toBe(3);
  });

  it("keeps calls made at once in the order they were made", async () => {
    const stream = await embedded.newStream();
    const producer = producerOf(stream);
    await Promise.all(
      Array.from({ length: 12 }, (_, call) => producer.put([order(call, 7), order(100 + call, 7)])),
    );
    const ids = (await recordsOf(stream, 0)).map(({ Data }) => JSON.parse(String(Buffer.from(Data!))).id);
    expect(ids).toEqual(Array.from({ length: 12 }, (_, call) => [`o${call}`, `o${100 + call}`]).flat());
  });

  it.each([
    ["a field of another type", { id: "o1", card: "7", at: AT }, "card"],
    ["a field that is missing", { id: "o1", card: 7 }, "at"],
    ["more than a record holds", { ...order(1, 7), note: "x".repeat(1024 * 1024) }, "1048576"],
  ])("puts nothing when a row has %s", async (_, row, named) => {
    const stream = await embedded.newStream();
    const producer = producerOf(stream);
    await expect(producer.put([order(0, 7), row])).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      message: expect.stringMatching(new RegExp(`row 1 of source orders.*${named}`)),
    });
    await producer.put([order(2, 7)]);
    expect((await recordsOf(stream, 0)).length).toBe(1);
  });

  it("goes on after a put that failed", async () => {
    const stream = await embedded.newStream();
    let isAway = true;
    const kinesis = new Proxy(embedded.kinesis, {
      get(client, name) {
        if (name !== "send") return Reflect.get(client, name);
        return (command: never) => (isAway ? Promise.reject(new Error("stream away")) : client.send(command));
      },
    });
    const producer = createStreamProducer({ kinesis, streamName: stream.streamName, source: orders });
    await expect(producer.put([order(1, 7)])).rejects.toThrow("stream away");
    isAway = false;
    await producer.put([order(2, 7)]);
    expect((await recordsOf(stream, 0)).length).toBe(1);
  });
});

describe("beat", () => {
  it("reaches every shard, behind what was put before", async () => {
    const stream = await embedded.newStream(3);
    const producer = producerOf(stream);
    const [, sent] = await Promise.all([
      producer.put(Array.from({ length: 60 }, (_, id) => order(id, id))),
      producer.beat(1_704_067_200_000),
    ]);
    expect(sent).toBe(3);
    for (const shard of [0, 1, 2]) {
      const records = await recordsOf(stream, shard);
      expect(records.length).toBeGreaterThan(1);
      const times = records.map(({ Data }) => decodeHeartbeat(Data!));
      expect(times.at(-1)).toBe(1_704_067_200_000);
      expect(times.slice(0, -1).every((time) => time === null)).toBe(true);
    }
  });
});
