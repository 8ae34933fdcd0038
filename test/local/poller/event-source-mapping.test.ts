import { setTimeout as sleep } from "node:timers/promises";
import type { KinesisStreamEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { MAX_PAYLOAD_BYTES } from "../../../lib/local/poller/kinesis-event.ts";
import { MAX_BATCHING_WINDOW_MS } from "../../../lib/local/poller/mapping-options.ts";
import { numbered } from "../embedded-stream.ts";
import { textsOf, useMappings } from "./fixtures/use-mappings.ts";

const mappings = useMappings();
const shardOf = (event: KinesisStreamEvent) => event.Records[0]!.eventID.split(":")[0]!;

describe("delivery", () => {
  it("delivers from the oldest record on, in order, in batches of the size asked for", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 25));
    const batches: string[][] = [];
    const started = await mappings.start(stream, async (event) => void batches.push(textsOf(event)), {
      batchSize: 10,
    });
    await started.drained();
    expect(batches.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(batches.flat()).toEqual(numbered(0, 25));
  });

  it("fills Lambda's event as Lambda does", async () => {
    const stream = await mappings.embedded.newStream();
    const beforeMs = Date.now();
    await stream.put(['{"a":1}']);
    const events: KinesisStreamEvent[] = [];
    const started = await mappings.start(stream, async (event) => void events.push(event));
    await started.drained();
    const [record] = events[0]!.Records;
    expect(record).toMatchObject({
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventName: "aws:kinesis:record",
      eventSourceARN: stream.streamArn,
      awsRegion: "us-east-1",
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: "key",
        data: Buffer.from('{"a":1}').toString("base64"),
      },
    });
    expect(record!.eventID).toBe(`shardId-000000000000:${record!.kinesis.sequenceNumber}`);
    expect(record!.kinesis.sequenceNumber).toMatch(/^\d{56}$/);
    expect(record!.kinesis.approximateArrivalTimestamp * 1_000).toBeGreaterThanOrEqual(beforeMs);
    expect(record!.kinesis.approximateArrivalTimestamp * 1_000).toBeLessThanOrEqual(Date.now());
  });

  it("fills a batch from later records within the batching window", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 3));
    const batches: string[][] = [];
    const started = await mappings.start(stream, async (event) => void batches.push(textsOf(event)), {
      batchSize: 5,
      batchingWindowMs: 60_000,
    });
    await expect.poll(() => started.stats()[0]!.read).toBe(3);
    await stream.put(numbered(3, 5));
    started.wake();
    await expect.poll(() => batches, { timeout: 2_000 }).toEqual([numbered(0, 5)]);
  });

  it("hands on a batch that does not fill when the batching window is over", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 6));
    const batches: { texts: string[]; atMs: number }[] = [];
    await mappings.start(
      stream,
      async (event) => void batches.push({ texts: textsOf(event), atMs: performance.now() }),
      { batchSize: 4, batchingWindowMs: 300 },
    );
    await expect.poll(() => batches.length, { timeout: 60_000 }).toBe(2);
    expect(batches.map(({ texts }) => texts)).toEqual([numbered(0, 4), numbered(4, 6)]);
    expect(batches[1]!.atMs - batches[0]!.atMs).toBeGreaterThan(290);
  });

  it("does not let a drain wait for the batching window", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 3));
    const texts: string[] = [];
    const started = await mappings.start(stream, async (event) => void texts.push(...textsOf(event)), {
      // Longer than a test may take.
      batchingWindowMs: MAX_BATCHING_WINDOW_MS,
    });
    await started.drained();
    expect(texts).toEqual(numbered(0, 3));
  });

  it("keeps every event within the payload limit, and wastes none of it", async () => {
    const stream = await mappings.embedded.newStream();
    const texts = Array.from({ length: 40 }, (_, index) => "x".repeat(100 + 37 * index));
    await stream.put(texts);
    const limit = 9_000;
    const events: KinesisStreamEvent[] = [];
    const started = await mappings.start(stream, async (event) => void events.push(event), {
      maxPayloadBytes: limit,
    });
    await started.drained();
    expect(events.flatMap(textsOf)).toEqual(texts);
    expect(events.length).toBeGreaterThan(5);
    for (const [index, event] of events.entries()) {
      expect(JSON.stringify(event).length).toBeLessThanOrEqual(limit);
      const next = events[index + 1]?.Records[0];
      if (next === undefined) continue;
      expect(JSON.stringify({ Records: [...event.Records, next] }).length).toBeGreaterThan(limit);
    }
  });

  it("cuts 6 MiB payloads and delivers a record of 1 MiB", async () => {
    const stream = await mappings.embedded.newStream();
    for (let record = 0; record < 6; record++) await stream.put([String(record).repeat(1024 * 1024)]);
    const events: KinesisStreamEvent[] = [];
    const started = await mappings.start(stream, async (event) => void events.push(event));
    await started.drained();
    expect(events.map(({ Records }) => Records.length)).toEqual([4, 2]);
    for (const event of events) expect(JSON.stringify(event).length).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
  });

  it("delivers what is put while it is idle as soon as it is woken", async () => {
    const stream = await mappings.embedded.newStream();
    const texts: string[] = [];
    const started = await mappings.start(stream, async (event) => void texts.push(...textsOf(event)), {
      idleBackoffMs: { first: 30_000, max: 30_000 },
    });
    await started.drained();
    await stream.put(["late"]);
    await sleep(100);
    expect(texts).toEqual([]);
    started.wake();
    await expect.poll(() => texts, { timeout: 2_000 }).toEqual(["late"]);
  });

  it("finds what is put without a wake, by polling", async () => {
    const stream = await mappings.embedded.newStream();
    const texts: string[] = [];
    await mappings.start(stream, async (event) => void texts.push(...textsOf(event)), {
      idleBackoffMs: { first: 5, max: 40 },
    });
    await sleep(100);
    await stream.put(["unannounced"]);
    await expect.poll(() => texts, { timeout: 2_000 }).toEqual(["unannounced"]);
  });
});

describe("shards", () => {
  it("works on shards side by side, each in order", async () => {
    const stream = await mappings.embedded.newStream(2);
    await stream.put(numbered(0, 6), 0);
    await stream.put(numbered(100, 106), 1);
    const seen: Record<string, string[]> = {};
    let running = 0;
    let most = 0;
    const started = await mappings.start(
      stream,
      async (event) => {
        running++;
        most = Math.max(most, running);
        await sleep(30);
        running--;
        seen[shardOf(event)] = [...(seen[shardOf(event)] ?? []), ...textsOf(event)];
      },
      { batchSize: 2 },
    );
    await started.drained();
    expect(most).toBe(2);
    expect(seen).toEqual({
      "shardId-000000000000": numbered(0, 6),
      "shardId-000000000001": numbered(100, 106),
    });
  });

  it("lets a shard go on while another is stuck", async () => {
    const stream = await mappings.embedded.newStream(2);
    await stream.put(["stuck"], 0);
    await stream.put(numbered(0, 5), 1);
    const texts: string[] = [];
    const started = await mappings.start(
      stream,
      async (event) => {
        if (textsOf(event).includes("stuck")) throw new Error("poison");
        texts.push(...textsOf(event));
      },
      { batchSize: 1 },
    );
    await expect.poll(() => texts, { timeout: 2_000 }).toEqual(numbered(0, 5));
    expect(started.stats()[0]).toMatchObject({ handled: 0, read: 1 });
  });

  it("runs no two invocations of one shard at once", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 8));
    let running = 0;
    let most = 0;
    const started = await mappings.start(
      stream,
      async () => {
        most = Math.max(most, ++running);
        await sleep(10);
        running--;
      },
      { batchSize: 2 },
    );
    for (let call = 0; call < 20; call++) started.wake();
    await Promise.all([started.drained(), started.drained()]);
    expect(most).toBe(1);
  });
});

describe("stopping", () => {
  it("waits for the invocation under way and begins none", async () => {
    const stream = await mappings.embedded.newStream();
    await stream.put(numbered(0, 10));
    const batches: string[][] = [];
    let finished = 0;
    const started = await mappings.start(
      stream,
      async (event) => {
        batches.push(textsOf(event));
        await sleep(100);
        finished++;
      },
      { batchSize: 5 },
    );
    await expect.poll(() => batches.length).toBe(1);
    await started.stop();
    expect(finished).toBe(1);
    await sleep(150);
    expect(batches).toEqual([numbered(0, 5)]);
  });
});

describe("trimming", () => {
  it("forgets handled records and delivers the rest", async () => {
    const stream = await mappings.embedded.newStream(2);
    await stream.put(numbered(0, 20), 0);
    await stream.put(numbered(0, 20), 1);
    const sequenceNumbers: string[] = [];
    const first = await mappings.start(stream, async (event) => {
      if (shardOf(event).endsWith("0"))
        sequenceNumbers.push(...event.Records.map((r) => r.kinesis.sequenceNumber));
    });
    await first.drained();
    await first.stop();
    await mappings.embedded.server.trim({
      streamName: stream.streamName,
      shardId: "shardId-000000000000",
      throughSequenceNumber: sequenceNumbers[14]!,
    });
    const seen: Record<string, string[]> = {};
    const second = await mappings.start(stream, async (event) => {
      seen[shardOf(event)] = [...(seen[shardOf(event)] ?? []), ...textsOf(event)];
    });
    await second.drained();
    expect(seen).toEqual({
      "shardId-000000000000": numbered(15, 20),
      "shardId-000000000001": numbered(0, 20),
    });
  });
});

describe("options", () => {
  it.each([
    ["batchSize", 0],
    ["batchSize", 10_001],
    ["batchSize", 1.5],
    ["batchingWindowMs", -1],
    ["batchingWindowMs", 300_001],
    ["maxPayloadBytes", MAX_PAYLOAD_BYTES + 1],
  ])("refuses %s of %d", async (name, value) => {
    const stream = await mappings.embedded.newStream();
    await expect(mappings.start(stream, async () => {}, { [name]: value })).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: expect.stringContaining(`${name} is ${value}`),
    });
  });
});
