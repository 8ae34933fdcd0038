import { ListShardsCommand } from "@aws-sdk/client-kinesis";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PollerFailure } from "../../../lib/local/poller/poller-failure.ts";
import { numbered } from "../embedded-stream.ts";
import {
  createSimulatedStream,
  type SimulatedStream,
  shardOf,
  textsOf,
} from "./fixtures/simulated-stream.ts";

const LOWEST = "1";
const HIGHEST = String(2n ** 128n - 2n);

/** Puts, splits, puts, splits a child, puts, merges its children, puts: nothing is read meanwhile. */
async function reshardUnread(stream: SimulatedStream): Promise<void> {
  await stream.put(numbered(0, 5), { hashKey: LOWEST });
  await stream.split("shardId-000000000000");
  await stream.put(numbered(5, 10), { hashKey: LOWEST });
  await stream.put(["high"], { hashKey: HIGHEST });
  await stream.split("shardId-000000000001");
  await stream.put(numbered(10, 15), { hashKey: LOWEST });
  await stream.merge("shardId-000000000003");
  await stream.put(numbered(15, 20), { hashKey: LOWEST });
}

describe("children", () => {
  it.each([
    ["above-parents", "after-last-records"],
    ["below-parents", "with-last-records"],
  ] as const)(
    "come after their parents, split again and merged before those were read (%s, %s)",
    async (childNumbers, closedShardEnds) => {
      const stream = await createSimulatedStream({ childNumbers, closedShardEnds });
      await reshardUnread(stream);
      const low: string[] = [];
      const shards: string[] = [];
      const mapping = await stream.start({
        handler: async (event) => {
          await stream.time.sleep(10);
          shards.push(shardOf(event));
          low.push(...textsOf(event).filter((text) => text !== "high"));
        },
        batchSize: 2,
      });
      await stream.until(mapping.drained());
      expect(low).toEqual(numbered(0, 20));
      expect(shards.at(-1)).toBe("shardId-000000000005");
      await stream.until(mapping.stop());
    },
  );

  it("come after all of a parent's records, where its last read holds more than one payload", async () => {
    const stream = await createSimulatedStream({ closedShardEnds: "with-last-records" });
    const long = numbered(0, 8).map((text) => text.padEnd(200));
    await stream.put(long, { hashKey: LOWEST });
    await stream.split("shardId-000000000000");
    await stream.put(["child"], { hashKey: LOWEST });
    const batches: string[][] = [];
    const mapping = await stream.start({
      handler: async (event) => void batches.push(textsOf(event)),
      maxPayloadBytes: 2_000,
    });
    await stream.until(mapping.drained());
    expect(batches.length).toBeGreaterThan(3);
    expect(batches.flat()).toEqual([...long, "child"]);
    await stream.until(mapping.stop());
  });

  it("wait while a record of a parent is not done with, and other shards do not", async () => {
    const stream = await createSimulatedStream({ shards: 2 });
    await stream.put(["stuck"], { hashKey: LOWEST });
    await stream.split("shardId-000000000000");
    await stream.put(["child"], { hashKey: LOWEST });
    await stream.put(["other"], { hashKey: HIGHEST });
    const handled: string[] = [];
    let isStuck = true;
    const mapping = await stream.start({
      handler: async (event) => {
        if (isStuck && textsOf(event).includes("stuck")) throw new Error("poison");
        handled.push(...textsOf(event));
      },
    });
    await stream.pass(60_000);
    expect(handled).toEqual(["other"]);
    isStuck = false;
    await stream.until(mapping.drained());
    expect(handled).toEqual(["other", "stuck", "child"]);
    await stream.until(mapping.stop());
  });

  it("of a merge wait for both parents", async () => {
    const stream = await createSimulatedStream({ shards: 2 });
    await stream.put(["low"], { hashKey: LOWEST });
    await stream.put(["stuck"], { hashKey: HIGHEST });
    await stream.merge("shardId-000000000000");
    await stream.put(["child"], { hashKey: LOWEST });
    const handled: string[] = [];
    let isStuck = true;
    const mapping = await stream.start({
      handler: async (event) => {
        if (isStuck && textsOf(event).includes("stuck")) throw new Error("poison");
        handled.push(...textsOf(event));
      },
    });
    await stream.pass(60_000);
    expect(handled).toEqual(["low"]);
    isStuck = false;
    await stream.until(mapping.drained());
    expect(handled).toEqual(["low", "stuck", "child"]);
    await stream.until(mapping.stop());
  });

  it("come after a parent whose bad record was discarded", async () => {
    const stream = await createSimulatedStream();
    await stream.put(["bad"], { hashKey: LOWEST });
    await stream.split("shardId-000000000000");
    await stream.put(["child"], { hashKey: LOWEST });
    const handled: string[] = [];
    const mapping = await stream.start({
      handler: async (event) => {
        if (textsOf(event).includes("bad")) throw new Error("poison");
        handled.push(...textsOf(event));
      },
      maximumRetryAttempts: 3,
    });
    await stream.until(mapping.drained());
    expect(handled).toEqual(["child"]);
    await stream.until(mapping.stop());
  });

  it("are found while the mapping runs, without a drain, and when listing fails at first", async () => {
    const stream = await createSimulatedStream();
    let unreachable = false;
    const failures: PollerFailure[] = [];
    const handled: string[] = [];
    const mapping = await stream.start({
      kinesis: {
        send: ((command: never) =>
          unreachable && (command as object) instanceof ListShardsCommand
            ? Promise.reject(new Error("no route"))
            : stream.kinesis.send(command)) as never,
      },
      handler: async (event) => void handled.push(...textsOf(event)),
      onFailure: (failure) => failures.push(failure),
    });
    await stream.pass(1_000);
    unreachable = true;
    await stream.split("shardId-000000000000");
    await stream.put(["child"], { hashKey: LOWEST });
    await stream.pass(10_000);
    expect(handled).toEqual([]);
    expect(failures[0]).toMatchObject({ during: "list", shardId: null, attempt: 1 });
    unreachable = false;
    await stream.pass(10_000);
    expect(handled).toEqual(["child"]);
    await stream.until(mapping.stop());
  });

  it("do not wait for parents that the stream has forgotten", async () => {
    const stream = await createSimulatedStream();
    await stream.put(["forgotten"], { hashKey: LOWEST });
    await stream.split("shardId-000000000000");
    await stream.pass(25 * 3_600_000);
    await stream.put(["child"], { hashKey: LOWEST });
    const handled: string[] = [];
    const mapping = await stream.start({ handler: async (event) => void handled.push(...textsOf(event)) });
    await stream.until(mapping.drained());
    expect(handled).toEqual(["child"]);
    await stream.until(mapping.stop());
  });

  it("come after a parent that the stream forgot while its last batch was tried again", async () => {
    const stream = await createSimulatedStream();
    await stream.put(["stuck"], { hashKey: LOWEST });
    let isStuck = true;
    const handled: string[] = [];
    const mapping = await stream.start({
      handler: async (event) => {
        if (isStuck) throw new Error("the table is away");
        handled.push(...textsOf(event));
      },
      retryBackoffMs: { first: 60_000, max: 3_600_000 },
    });
    await stream.split("shardId-000000000000");
    await stream.pass(25 * 3_600_000);
    await stream.put(["child"], { hashKey: LOWEST });
    isStuck = false;
    await stream.until(mapping.drained());
    expect(handled).toEqual(["stuck", "child"]);
    await stream.until(mapping.stop());
  });
});

describe("stopping", () => {
  it("ends a mapping whose children never began, and rejects who waits for them", async () => {
    const stream = await createSimulatedStream();
    await reshardUnread(stream);
    const mapping = await stream.start({
      handler: async () => {
        throw new Error("never");
      },
    });
    const draining = mapping.drained();
    const refused = expect(draining).rejects.toMatchObject({ code: "STREAM_UNAVAILABLE" });
    await stream.pass(1_000);
    await stream.until(mapping.stop());
    await refused;
    expect(mapping.stats().map(({ shardId }) => shardId)).toEqual(["shardId-000000000000"]);
  });
});

type Step =
  | { readonly kind: "put"; readonly key: number }
  | { readonly kind: "split" | "merge"; readonly shard: number }
  | { readonly kind: "restart" | "pass" };

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("put" as const), key: fc.nat(5) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom("split" as const, "merge"), shard: fc.nat() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("restart" as const, "pass") }) },
  ),
  { minLength: 10, maxLength: 60 },
);

describe("a stream that is resharded at random", () => {
  it("hands on each key's records in the order they were put, again only after a restart, and loses none", async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom("above-parents" as const, "below-parents"),
        fc.constantFrom("after-last-records" as const, "with-last-records"),
        fc.integer({ min: 1, max: 4 }),
        async (plan: readonly Step[], childNumbers, closedShardEnds, batchSize) => {
          const stream = await createSimulatedStream({ shards: 2, childNumbers, closedShardEnds });
          const put = new Map<string, string[]>();
          const handled = new Map<string, string[]>();
          let lives = 0;
          const reached = new Map<string, string>();
          const start = () => {
            const life = ++lives;
            return stream.start({
              handler: async (event) => {
                await stream.time.sleep(7);
                // A process that was killed has done what it did.
                for (const { kinesis } of event.Records) {
                  const texts = handled.get(kinesis.partitionKey) ?? [];
                  handled.set(kinesis.partitionKey, texts);
                  texts.push(Buffer.from(kinesis.data, "base64").toString());
                }
                await stream.time.sleep(5);
              },
              checkpoints: {
                after: (shardId) => reached.get(shardId),
                // Nor does it keep anything once it is gone.
                advance: (shardId, sequenceNumber) => {
                  if (life === lives) reached.set(shardId, sequenceNumber);
                },
              },
              batchSize,
            });
          };
          let mapping = await start();
          for (const [index, step] of plan.entries()) {
            const open = (await stream.shards()).filter(({ isOpen }) => isOpen);
            if (step.kind === "put") {
              const key = `key ${step.key}`;
              const text = String(index);
              put.set(key, [...(put.get(key) ?? []), text]);
              await stream.put([text], { key });
            } else if (step.kind === "split") {
              await stream.split(open[step.shard % open.length]!.shardId);
            } else if (step.kind === "merge") {
              const below = open.filter(({ endingHashKey }) => BigInt(endingHashKey) < 2n ** 128n - 1n);
              if (below.length > 0) await stream.merge(below[step.shard % below.length]!.shardId);
            } else if (step.kind === "pass") {
              await stream.pass(40);
            } else {
              const killed = mapping;
              mapping = await start();
              void killed.stop();
            }
            await stream.pass(3);
          }
          await stream.until(mapping.drained());
          await stream.until(mapping.stop());
          for (const [key, texts] of put) {
            const seen = handled.get(key) ?? [];
            // First deliveries are in order, and nothing is missing.
            expect([...new Set(seen)], key).toEqual(texts);
            if (lives === 1) expect(seen, key).toEqual(texts);
          }
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });
});
