import {
  CreateStreamCommand,
  DeleteStreamCommand,
  type KinesisClient,
  MergeShardsCommand,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashRange, partitionHash, rangeHolds } from "../../lib/engine/partition-hash.ts";
import { writerName } from "../../lib/engine/position.ts";
import { embeddedKinesisClient } from "../../lib/local/embedded-clients.ts";
import { type KinesaliteServer, startKinesalite } from "../../lib/local/kinesalite-server.ts";
import {
  controlKey,
  keepClosedMs,
  mergeControl,
  parseControl,
  shardsOfKey,
} from "../../lib/online/control.ts";
import { describeStream, type StreamDescription } from "../../lib/online/describe-stream.ts";
import { createShardDirectory } from "../../lib/online/shard-directory.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { cardPlan, payments, plans } from "./fixtures/payments.ts";
import { START_MS } from "./fixtures/records.ts";

const HOUR_MS = 3_600_000;
const whole = hashRange("0", (2n ** 128n - 1n).toString());

function description(
  shards: Record<string, { open: boolean; parents?: string[] }>,
  createdMs = 1,
): StreamDescription {
  return {
    arn: "arn:stream",
    createdMs,
    shards: Object.entries(shards).map(([shardId, { open, parents = [] }]) => ({
      shardId,
      open,
      parents,
      hashRange: whole,
    })),
  };
}

describe("control: the shards whose items may still be read", () => {
  it("notes when a shard was first found closed, and keeps it when the stream forgets it", () => {
    const keepMs = 10 * HOUR_MS;
    const first = mergeControl(undefined, description({ s0: { open: true } }), { nowMs: 0, keepMs });
    const split = description({ s0: { open: false }, s1: { open: true, parents: ["s0"] } });
    const second = mergeControl(first, split, { nowMs: HOUR_MS, keepMs });
    const third = mergeControl(second, split, { nowMs: 2 * HOUR_MS, keepMs });
    const writers = third.shards.map(({ writer }) => writer);
    expect(writers.sort()).toEqual(
      ["s0", "s1"].map((shardId) => writerName("arn:stream", 1, shardId)).sort(),
    );
    const [parent, child] = [third.shards.find(({ open }) => !open)!, third.shards.find(({ open }) => open)!];
    expect(parent.closedMs).toBe(HOUR_MS);
    expect(child).toMatchObject({ closedMs: null, parents: [parent.writer] });

    const forgotten = description({ s1: { open: true, parents: ["s0"] } });
    const kept = mergeControl(third, forgotten, { nowMs: 11 * HOUR_MS, keepMs });
    expect(kept.shards).toHaveLength(2);
    const dropped = mergeControl(kept, forgotten, { nowMs: 11 * HOUR_MS + 1, keepMs });
    expect(dropped.shards.map(({ open }) => open)).toEqual([true]);
  });

  it("keeps it for as long as any release or aggregator needed it, whichever describes the stream next", () => {
    const split = description({ s0: { open: false }, s1: { open: true, parents: ["s0"] } });
    const forgotten = description({ s1: { open: true, parents: ["s0"] } });
    const far = mergeControl(undefined, split, { nowMs: 0, keepMs: 10 * HOUR_MS });
    const near = mergeControl(far, split, { nowMs: HOUR_MS, keepMs: HOUR_MS });
    const kept = mergeControl(near, forgotten, { nowMs: 10 * HOUR_MS, keepMs: HOUR_MS });
    expect(kept.shards).toHaveLength(2);
    const dropped = mergeControl(kept, forgotten, { nowMs: 10 * HOUR_MS + 1, keepMs: HOUR_MS });
    expect(dropped.shards).toHaveLength(1);
  });

  it("keeps the shards of a stream that was deleted and made again under its name", () => {
    const options = { nowMs: 5, keepMs: HOUR_MS };
    const old = mergeControl(undefined, description({ s0: { open: true } }, 1), options);
    const renewed = mergeControl(old, description({ s0: { open: true } }, 2), options);
    expect(renewed.shards.map(({ open, closedMs }) => [open, closedMs]).sort()).toEqual(
      [
        [false, 5],
        [true, null],
      ].sort(),
    );
  });

  it("keeps closed shards past every window, horizon and redelivery", () => {
    const { retentionMs, maxFutureSkewMs } = payments;
    expect(keepClosedMs(plans)).toBe(24 * HOUR_MS + retentionMs + maxFutureSkewMs);
    expect(keepClosedMs([])).toBe(0);
    expect(keepClosedMs([{ ...cardPlan, expiryMs: null }])).toBe(retentionMs + maxFutureSkewMs);
  });
});

describe("the directory of shards, against kinesalite", () => {
  let server: KinesaliteServer;
  let kinesis: KinesisClient;
  beforeAll(async () => {
    server = await startKinesalite();
    kinesis = embeddedKinesisClient(server.endpoint);
  });
  afterAll(async () => {
    kinesis.destroy();
    await server.stop();
  });

  const active = async (stream: string, shards: number) => {
    await expect
      .poll(async () => (await describeStream(kinesis, stream).catch(() => null))?.shards.length, {
        interval: 5,
      })
      .toBe(shards);
    return describeStream(kinesis, stream);
  };

  it("describes a stream through a split and a merge", async () => {
    await kinesis.send(new CreateStreamCommand({ StreamName: "resharded", ShardCount: 1 }));
    const [only] = (await active("resharded", 1)).shards;
    expect(only).toEqual({ shardId: "shardId-000000000000", hashRange: whole, parents: [], open: true });
    await kinesis.send(
      new SplitShardCommand({
        StreamName: "resharded",
        ShardToSplit: only!.shardId,
        NewStartingHashKey: (2n ** 127n).toString(),
      }),
    );
    const split = await active("resharded", 3);
    expect(split.shards.map(({ open, parents }) => [open, parents])).toEqual([
      [false, []],
      [true, [only!.shardId]],
      [true, [only!.shardId]],
    ]);
    const [, low, high] = split.shards;
    expect([low!.hashRange.end, high!.hashRange.start]).toEqual([`7${"f".repeat(31)}`, `8${"0".repeat(31)}`]);
    await kinesis.send(
      new MergeShardsCommand({
        StreamName: "resharded",
        ShardToMerge: low!.shardId,
        AdjacentShardToMerge: high!.shardId,
      }),
    );
    const merged = (await active("resharded", 4)).shards[3]!;
    expect(merged.parents).toEqual([low!.shardId, high!.shardId]);
    expect(merged.hashRange).toEqual(whole);
    await expect(describeStream(kinesis, "no-such-stream")).rejects.toMatchObject({
      code: "STREAM_UNAVAILABLE",
    });
  });

  it("describes once, again for an unknown shard, and again when it was long ago", async () => {
    await kinesis.send(new CreateStreamCommand({ StreamName: "watched", ShardCount: 2 }));
    const first = await active("watched", 2);
    const store = createMemoryStateStore();
    const clock = { ms: START_MS, now: () => clock.ms };
    let described = 0;
    const describe = () => {
      described++;
      return describeStream(kinesis, "watched");
    };
    const directory = createShardDirectory({ describe, store, clock, plans });
    const [zero, one] = first.shards;
    const contexts = await Promise.all(
      [zero!, one!, zero!].map(({ shardId }) => directory.shardOf(payments, shardId)),
    );
    expect(described).toBe(1);
    expect(contexts[1]).toEqual({
      writer: writerName(first.arn, first.createdMs, one!.shardId),
      hashRange: one!.hashRange,
      ancestors: [],
      ancestorsOf: new Map(),
    });

    await kinesis.send(
      new SplitShardCommand({
        StreamName: "watched",
        ShardToSplit: one!.shardId,
        NewStartingHashKey: (3n * 2n ** 126n).toString(),
      }),
    );
    const shards = (await active("watched", 4)).shards;
    const child = await directory.shardOf(payments, shards[3]!.shardId);
    expect(child.ancestors).toEqual([contexts[1]!.writer]);
    expect(described).toBe(2);
    const control = parseControl(
      (await store.get([controlKey("payments")], { consistent: true })).values().next().value!,
    );
    expect(control.shards.map(({ open }) => open)).toEqual([true, false, true, true]);
    for (const key of ["a", "b", "c", "d", "e"]) {
      const holding = shardsOfKey(control.shards, key).filter(({ open }) => open);
      expect(holding).toHaveLength(1);
      expect(rangeHolds(holding[0]!.hashRange, partitionHash(key))).toBe(true);
    }

    clock.ms += 300_001;
    await directory.shardOf(payments, zero!.shardId);
    expect(described).toBe(3);
    await expect(directory.shardOf(payments, "shardId-000000000099")).rejects.toMatchObject({
      code: "STREAM_UNAVAILABLE",
    });
  });

  it("gives the shards of a stream made again a writer of their own", async () => {
    const create = new CreateStreamCommand({ StreamName: "renewed", ShardCount: 1 });
    await kinesis.send(create);
    await active("renewed", 1);
    const store = createMemoryStateStore();
    const clock = { ms: START_MS, now: () => clock.ms };
    const describe = () => describeStream(kinesis, "renewed");
    const shardId = "shardId-000000000000";
    const before = await createShardDirectory({ describe, store, clock, plans }).shardOf(payments, shardId);
    await kinesis.send(new DeleteStreamCommand({ StreamName: "renewed" }));
    await expect.poll(() => describe().catch(() => "gone"), { interval: 5 }).toBe("gone");
    // kinesalite counts creation in whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await kinesis.send(create);
    await active("renewed", 1);
    const after = await createShardDirectory({ describe, store, clock, plans }).shardOf(payments, shardId);
    expect(after.writer).not.toBe(before.writer);
    const item = (await store.get([controlKey("payments")], { consistent: true })).get(
      controlKey("payments"),
    )!;
    expect(
      parseControl(item)
        .shards.map(({ writer }) => writer)
        .sort(),
    ).toEqual([before.writer, after.writer].sort());
  });
});
