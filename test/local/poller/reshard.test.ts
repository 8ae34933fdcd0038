import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeStreamSummaryCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import type { KinesisStreamEvent } from "aws-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listShards, type StreamShard } from "../../../lib/local/list-shards.ts";
import { memoryCheckpoints } from "../../../lib/local/poller/checkpoints.ts";
import {
  type EventSourceMapping,
  startEventSourceMapping,
} from "../../../lib/local/poller/event-source-mapping.ts";
import type { EventSourceMappingOptions } from "../../../lib/local/poller/mapping-options.ts";
import { type EmbeddedKinesis, startEmbeddedKinesis, type TestStream } from "../embedded-stream.ts";

const KEYS = Array.from({ length: 24 }, (_, index) => `key ${index}`);

let embedded: EmbeddedKinesis;
const running: EventSourceMapping[] = [];
beforeAll(async () => {
  embedded = await startEmbeddedKinesis();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((mapping) => mapping.stop()));
});
afterAll(() => embedded.stop());

/** Puts the next record of every key. */
async function putRound({ streamName }: TestStream, round: number): Promise<void> {
  const Records = KEYS.map((key) => ({ Data: Buffer.from(String(round)), PartitionKey: key }));
  await embedded.kinesis.send(new PutRecordsCommand({ StreamName: streamName, Records }));
}

const openShards = async ({ streamName }: TestStream) =>
  (await listShards(embedded.kinesis, streamName)).filter(({ isOpen }) => isOpen);

async function whenActive({ streamName }: TestStream): Promise<void> {
  for (;;) {
    const { StreamDescriptionSummary } = await embedded.kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: streamName }),
    );
    if (StreamDescriptionSummary!.StreamStatus === "ACTIVE") return;
    await sleep(5);
  }
}

async function split(stream: TestStream, shard: StreamShard): Promise<void> {
  const middle = (BigInt(shard.startingHashKey) + BigInt(shard.endingHashKey)) / 2n + 1n;
  await embedded.kinesis.send(
    new SplitShardCommand({
      StreamName: stream.streamName,
      ShardToSplit: shard.shardId,
      NewStartingHashKey: String(middle),
    }),
  );
  await whenActive(stream);
}

async function merge(stream: TestStream, lower: StreamShard, upper: StreamShard): Promise<void> {
  await embedded.kinesis.send(
    new MergeShardsCommand({
      StreamName: stream.streamName,
      ShardToMerge: lower.shardId,
      AdjacentShardToMerge: upper.shardId,
    }),
  );
  await whenActive(stream);
}

/** Splits every open shard in turn. */
async function splitAll(stream: TestStream): Promise<void> {
  for (const shard of await openShards(stream)) await split(stream, shard);
}

/** Merges the two open shards of the lowest hash keys. */
async function mergeLowest(stream: TestStream): Promise<void> {
  const byKey = (await openShards(stream)).sort((left, right) =>
    BigInt(left.startingHashKey) < BigInt(right.startingHashKey) ? -1 : 1,
  );
  await merge(stream, byKey[0]!, byKey[1]!);
}

/** What was handed on: by key its rounds, and by shard when it began and ended. */
class Deliveries {
  readonly rounds = new Map<string, number[]>();
  readonly shards = new Map<string, { first: number; last: number }>();
  private count = 0;

  readonly take = async (event: KinesisStreamEvent): Promise<void> => {
    await sleep(1);
    for (const { eventID, kinesis } of event.Records) {
      const shardId = eventID.split(":")[0]!;
      const at = this.count++;
      this.shards.set(shardId, { first: this.shards.get(shardId)?.first ?? at, last: at });
      const rounds = this.rounds.get(kinesis.partitionKey) ?? [];
      this.rounds.set(kinesis.partitionKey, rounds);
      rounds.push(Number(Buffer.from(kinesis.data, "base64").toString()));
    }
  };
}

async function start(
  stream: TestStream,
  options: Pick<EventSourceMappingOptions, "handler"> & Partial<EventSourceMappingOptions>,
) {
  const mapping = await startEventSourceMapping({
    kinesis: embedded.kinesis,
    streamName: stream.streamName,
    streamArn: stream.streamArn,
    onFailure: () => {},
    retryBackoffMs: { first: 5, max: 20 },
    batchSize: 7,
    ...options,
  });
  running.push(mapping);
  return mapping;
}

const rounds = (count: number) => Array.from({ length: count }, (_, round) => round);

async function expectParentsFirst(stream: TestStream, { shards }: Deliveries): Promise<void> {
  let pairs = 0;
  for (const { shardId, parentIds } of await listShards(embedded.kinesis, stream.streamName)) {
    for (const parentId of parentIds) {
      const child = shards.get(shardId);
      const parent = shards.get(parentId);
      if (child === undefined || parent === undefined) continue;
      expect(parent.last, `${parentId} before ${shardId}`).toBeLessThan(child.first);
      pairs++;
    }
  }
  expect(pairs).toBeGreaterThan(4);
}

it("puts keys of the test to every shard of four", () => {
  const quarters = new Set(KEYS.map((key) => createHash("md5").update(key).digest()[0]! >> 6));
  expect(quarters.size).toBe(4);
});

describe("a stream that is resharded", () => {
  it("before anything was read: split, split again, merged", async () => {
    const stream = await embedded.newStream(1);
    await putRound(stream, 0);
    await splitAll(stream);
    await putRound(stream, 1);
    await splitAll(stream);
    await putRound(stream, 2);
    await mergeLowest(stream);
    await putRound(stream, 3);
    const deliveries = new Deliveries();
    const mapping = await start(stream, { handler: deliveries.take });
    await mapping.drained();
    for (const key of KEYS) expect(deliveries.rounds.get(key), key).toEqual(rounds(4));
    await expectParentsFirst(stream, deliveries);
    const stats = mapping.stats();
    expect(stats.reduce((sum, { handled }) => sum + handled, 0)).toBe(4 * KEYS.length);
  });

  it("while it is read, faster than it is drained", async () => {
    const stream = await embedded.newStream(2);
    const deliveries = new Deliveries();
    const mapping = await start(stream, { handler: deliveries.take, batchSize: 3 });
    let round = 0;
    for (const reshard of [splitAll, mergeLowest, mergeLowest, splitAll, mergeLowest]) {
      for (let more = 0; more < 3; more++) await putRound(stream, round++);
      await reshard(stream);
    }
    await putRound(stream, round++);
    await mapping.drained();
    for (const key of KEYS) expect(deliveries.rounds.get(key), key).toEqual(rounds(round));
    await expectParentsFirst(stream, deliveries);
  });

  it("loses nothing, and keeps the order, when it is stopped and started again from its checkpoints", async () => {
    const stream = await embedded.newStream(2);
    const reached = new Map<string, string>();
    const deliveries = new Deliveries();
    let round = 0;
    for (const reshard of [splitAll, mergeLowest, splitAll, mergeLowest]) {
      const mapping = await start(stream, {
        handler: deliveries.take,
        checkpoints: memoryCheckpoints(reached),
        batchSize: 2,
      });
      for (let more = 0; more < 4; more++) await putRound(stream, round++);
      await reshard(stream);
      await putRound(stream, round++);
      await sleep(10 * round);
      await mapping.stop();
      // However fast it was, the next finds something to go on with.
      await putRound(stream, round++);
    }
    const delivered = [...deliveries.rounds.values()].reduce((sum, { length }) => sum + length, 0);
    expect(delivered).toBeGreaterThan(0);
    expect(delivered).toBeLessThan(round * KEYS.length);
    const last = await start(stream, { handler: deliveries.take, checkpoints: memoryCheckpoints(reached) });
    await last.drained();
    // Stopping waits for what is under way, so that nothing comes twice.
    for (const key of KEYS) expect(deliveries.rounds.get(key), key).toEqual(rounds(round));
    await expectParentsFirst(stream, deliveries);
  });

  it("is handed on again, parents first, to a mapping that is made anew at an older position", async () => {
    const stream = await embedded.newStream(1);
    const reached = new Map<string, string>();
    const first = await start(stream, { handler: async () => {}, checkpoints: memoryCheckpoints(reached) });
    await putRound(stream, 0);
    await first.drained();
    const older = new Map(reached);
    await putRound(stream, 1);
    await splitAll(stream);
    await putRound(stream, 2);
    await splitAll(stream);
    await putRound(stream, 3);
    await first.drained();
    await first.stop();
    const again = new Deliveries();
    const second = await start(stream, { handler: again.take, checkpoints: memoryCheckpoints(older) });
    await second.drained();
    for (const key of KEYS) expect(again.rounds.get(key), key).toEqual([1, 2, 3]);
    await expectParentsFirst(stream, again);
  });

  it("holds the children of a shard that is stuck, until it is not", async () => {
    const stream = await embedded.newStream(1);
    await putRound(stream, 0);
    await splitAll(stream);
    await putRound(stream, 1);
    const deliveries = new Deliveries();
    const refused: string[] = [];
    const mapping = await start(stream, {
      handler: async (event) => {
        // As often as it takes for children to be read, if they were.
        if (refused.length < 20) {
          refused.push(event.Records[0]!.eventID.split(":")[0]!);
          throw new Error("the table is away");
        }
        await deliveries.take(event);
      },
    });
    await mapping.drained();
    expect(new Set(refused)).toEqual(new Set(["shardId-000000000000"]));
    for (const key of KEYS) expect(deliveries.rounds.get(key), key).toEqual([0, 1]);
  });

  it("begins at a time, in shards that hold records since", async () => {
    const stream = await embedded.newStream(1);
    await putRound(stream, 0);
    await sleep(20);
    const timestampMs = Date.now();
    await putRound(stream, 1);
    const deliveries = new Deliveries();
    // kinesalite answers a request for a time beyond a shard's last record never: there is one here.
    const startingPosition = { type: "AT_TIMESTAMP", timestampMs } as const;
    const mapping = await start(stream, { handler: deliveries.take, startingPosition });
    await mapping.drained();
    for (const key of KEYS) expect(deliveries.rounds.get(key), key).toEqual([1]);
  });

  it("begins behind everything put before with LATEST, and with the first record of children", async () => {
    const stream = await embedded.newStream(1);
    await putRound(stream, 0);
    await splitAll(stream);
    await putRound(stream, 1);
    const deliveries = new Deliveries();
    const mapping = await start(stream, { handler: deliveries.take, startingPosition: { type: "LATEST" } });
    await mapping.drained();
    await putRound(stream, 2);
    await splitAll(stream);
    await putRound(stream, 3);
    await mapping.drained();
    for (const key of KEYS) expect(deliveries.rounds.get(key), key).toEqual([2, 3]);
  });
});
