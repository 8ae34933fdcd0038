import { ExpiredIteratorException, GetRecordsCommand } from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { memoryCheckpoints } from "../../../lib/local/poller/checkpoints.ts";
import type { EventSourceMappingOptions } from "../../../lib/local/poller/mapping-options.ts";
import type { PollerFailure } from "../../../lib/local/poller/poller-failure.ts";
import { numbered } from "../embedded-stream.ts";
import { createSimulatedStream, type SimulatedStream, textsOf } from "./fixtures/simulated-stream.ts";

/** What a mapping with these options hands on until it has drained. */
async function deliveredBy(stream: SimulatedStream, options: Partial<EventSourceMappingOptions>) {
  const texts: string[] = [];
  const mapping = await stream.start({
    handler: async (event) => void texts.push(...textsOf(event)),
    ...options,
  });
  await stream.until(mapping.drained());
  return { texts, mapping };
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
describe("a mapping begins", () => {
  it("at the oldest record with TRIM_HORIZON, which is the default", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 3));
    const startingPosition = { type: "TRIM_HORIZON" } as const;
    expect((await deliveredBy(stream, { startingPosition })).texts).toEqual(numbered(0, 3));
    expect((await deliveredBy(stream, {})).texts).toEqual(numbered(0, 3));
  });

  it("behind everything put before with LATEST", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 3));
    const { texts, mapping } = await deliveredBy(stream, { startingPosition: { type: "LATEST" } });
    await stream.put(numbered(3, 5));
    await stream.until(mapping.drained());
    expect(texts).toEqual(numbered(3, 5));
  });

  it("with LATEST in open shards, and with the first record of shards that those are split into", async () => {
    const stream = await createSimulatedStream();
    await stream.put(["in the parent"]);
    await stream.split("shardId-000000000000");
    await stream.put(["before"], { hashKey: "1" });
    const { texts, mapping } = await deliveredBy(stream, { startingPosition: { type: "LATEST" } });
    await stream.put(["after"], { hashKey: "1" });
    await stream.split("shardId-000000000001");
    await stream.put(["after the split"], { hashKey: "1" });
    await stream.until(mapping.drained());
    expect(texts).toEqual(["after", "after the split"]);
  });

  it("at a time with AT_TIMESTAMP", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 2));
    await stream.pass(10_000);
    const timestampMs = stream.time.now();
    await stream.put(numbered(2, 4));
    await stream.pass(10_000);
    const startingPosition = { type: "AT_TIMESTAMP", timestampMs } as const;
    expect((await deliveredBy(stream, { startingPosition })).texts).toEqual(numbered(2, 4));
  });

  it("behind its checkpoint, whatever the starting position", async () => {
    const stream = await createSimulatedStream();
    const checkpoints = memoryCheckpoints();
    await stream.put(numbered(0, 3));
    const first = await deliveredBy(stream, { checkpoints });
    await stream.until(first.mapping.stop());
    await stream.put(numbered(3, 5));
    const startingPosition = { type: "LATEST" } as const;
    expect((await deliveredBy(stream, { checkpoints, startingPosition })).texts).toEqual(numbered(3, 5));
  });

  it("again at an older position when it is made anew there", async () => {
    const stream = await createSimulatedStream();
    const reached = new Map<string, string>();
    await stream.put(numbered(0, 3));
    const first = await deliveredBy(stream, { checkpoints: memoryCheckpoints(reached), batchSize: 1 });
    await stream.until(first.mapping.stop());
    const older = new Map(reached);
    await stream.put(numbered(3, 5));
    const second = await deliveredBy(stream, { checkpoints: memoryCheckpoints(reached) });
    await stream.until(second.mapping.stop());
    expect((await deliveredBy(stream, { checkpoints: memoryCheckpoints(older) })).texts).toEqual(
      numbered(3, 5),
    );
    expect((await deliveredBy(stream, {})).texts).toEqual(numbered(0, 5));
  });

  it("nowhere for a time that is none", async () => {
    const stream = await createSimulatedStream();
    const startingPosition = { type: "AT_TIMESTAMP", timestampMs: Number.NaN } as const;
    await expect(stream.start({ handler: async () => {}, startingPosition })).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: expect.stringContaining("NaN"),
    });
  });
});

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
describe("an iterator that expires", () => {
  it("is had again behind the last record that was read", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 4));
    const batches: string[][] = [];
    let failing = true;
    const mapping = await stream.start({
      handler: async (event) => {
        batches.push(textsOf(event));
        if (failing) throw new Error("the table is away");
      },
      batchSize: 2,
      retryBackoffMs: { first: 60_000, max: 60_000 },
    });
    // Iterators live five minutes.
    await stream.pass(6 * 60_000);
    failing = false;
    await stream.until(mapping.drained());
    expect(batches.slice(-2)).toEqual([numbered(0, 2), numbered(2, 4)]);
  });

  it("leaves out nothing of what was put since LATEST was asked for", async () => {
    const stream = await createSimulatedStream();
    await stream.put(["before"]);
    await stream.pass(1);
    let unreachable = true;
    const failures: PollerFailure[] = [];
    const texts: string[] = [];
    const mapping = await stream.start({
      kinesis: {
        send: ((command: never) => {
          if (unreachable && (command as object) instanceof GetRecordsCommand)
            return Promise.reject(new Error("no route"));
          return stream.kinesis.send(command);
        }) as never,
      },
      handler: async (event) => void texts.push(...textsOf(event)),
      startingPosition: { type: "LATEST" },
      retryBackoffMs: { first: 60_000, max: 60_000 },
      onFailure: (failure) => failures.push(failure),
    });
    await stream.pass(1_000);
    await stream.put(["since"]);
    await stream.pass(6 * 60_000);
    unreachable = false;
    await stream.until(mapping.drained());
    expect(texts).toEqual(["since"]);
    expect(failures.length).toBeGreaterThan(3);
  });

  it("is had again as often as it expires", async () => {
    const stream = await createSimulatedStream();
    await stream.put(numbered(0, 20));
    let reads = 0;
    const texts: string[] = [];
    const mapping = await stream.start({
      kinesis: {
        send: ((command: never) =>
          (command as object) instanceof GetRecordsCommand && ++reads % 2 === 0
            ? Promise.reject(new ExpiredIteratorException({ message: "expired", $metadata: {} }))
            : stream.kinesis.send(command)) as never,
      },
      handler: async (event) => void texts.push(...textsOf(event)),
      batchSize: 3,
    });
    await stream.until(mapping.drained());
    expect(texts).toEqual(numbered(0, 20));
  });
});
