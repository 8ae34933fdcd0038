import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { MergeShardsCommand, SplitShardCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddedKinesisClient } from "../../lib/local/embedded-clients.ts";
import { listShards } from "../../lib/local/list-shards.ts";
import { createReplayClock, type ReplayClock } from "../../lib/local/replay-clock.ts";
import { type LocalRuntime, startLocalRuntime } from "../../lib/local/runtime.ts";
import { countOutcomes } from "../../lib/online/counts.ts";

const definitionsFile = fileURLToPath(new URL("fixtures/orders.ts", import.meta.url));
const START_MS = Date.parse("2024-01-01T00:00:00Z");
const CARDS = Array.from({ length: 16 }, (_, index) => `card ${index}`);

let runtime: LocalRuntime;
let clock: ReplayClock;
beforeAll(async () => {
  clock = createReplayClock(START_MS);
  runtime = await startLocalRuntime({ definitionsFile, clock, shards: 1, batchSize: 5 });
});
afterAll(() => runtime.stop());

describe("a stream that is split and merged while the pipeline folds it", () => {
  it("gives every feature all of its events, and shards that are closed hold no freshness back", async () => {
    const StreamName = runtime.streams.orders!;
    const kinesis = embeddedKinesisClient(runtime.endpoints.kinesis);
    const openShards = async () =>
      (await listShards(kinesis, StreamName)).filter(({ isOpen }) => isOpen).map(({ shardId }) => shardId);
    const whenShards = async (count: number) => {
      for (let open = await openShards(); open.length !== count; open = await openShards()) await sleep(5);
    };
    let put = 0;
    const putRound = async () => {
      const at = new Date(START_MS + put * 1_000).toISOString();
      await runtime.put(
        "orders",
        CARDS.map((card, index) => ({ id: `o${put + index}`, card, amount: put + index, at })),
      );
      put += CARDS.length;
    };
    const split = async (ShardToSplit: string, quarter: bigint, shards: number) => {
      const NewStartingHashKey = String(quarter * 2n ** 126n);
      await kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey }));
      await whenShards(shards);
    };

    await putRound();
    await split("shardId-000000000000", 2n, 2);
    await putRound();
    await split("shardId-000000000001", 1n, 3);
    await putRound();
    await split("shardId-000000000002", 3n, 4);
    await putRound();
    await kinesis.send(
      new MergeShardsCommand({
        StreamName,
        ShardToMerge: "shardId-000000000004",
        AdjacentShardToMerge: "shardId-000000000005",
      }),
    );
    await whenShards(3);
    await putRound();
    kinesis.destroy();
    clock.set(START_MS + 10 * 60_000);
    await runtime.heartbeat();
    await runtime.drain();

    const plan = runtime.plans.find(({ id }) => id === "card@1")!;
    const readings = await runtime.reader.read(CARDS.map((card) => ({ plan, key: [card] })));
    for (const [index, reading] of readings.entries()) {
      const amounts = Array.from({ length: 5 }, (_, round) => round * CARDS.length + index);
      expect(reading, CARDS[index]).toMatchObject({
        known: true,
        values: { orders_1h: 5, spend_1h: amounts.reduce((sum, amount) => sum + amount, 0) },
        lagMs: 0,
      });
    }
    const everything = runtime.plans.find(({ id }) => id === "everything@1")!;
    const [all] = await runtime.reader.read([{ plan: everything, key: [] }]);
    expect(all).toMatchObject({ values: { orders_1h: put }, lagMs: 0 });
    const { store, objectStore, plans } = runtime;
    const counts = await countOutcomes({ store, objects: objectStore, plans });
    for (const { id } of plans) {
      expect(counts.get(id), id).toMatchObject({ folded: put, duplicate: 0, late: 0, quarantined: 0 });
    }
    const polled = runtime.stats().streams.orders!.shards.map(({ shardId }) => shardId);
    expect(polled.sort()).toEqual(Array.from({ length: 8 }, (_, index) => `shardId-00000000000${index}`));
  });
});
