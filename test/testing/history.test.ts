import { GetRecordsCommand, GetShardIteratorCommand, ListShardsCommand } from "@aws-sdk/client-kinesis";
import { beforeEach, describe, expect, it } from "vitest";
import { createHistoryTransform } from "../../functions/history-transform/handler.ts";
import { decodeHeartbeat } from "../../lib/engine/heartbeat.ts";
import { type TestPipeline, testPipeline } from "../../lib/testing/index.ts";
import * as definitions from "./fixtures/shop.ts";
import { customer, orders } from "./fixtures/shop.ts";

let pipeline: TestPipeline;
beforeEach(async () => {
  pipeline = await testPipeline({ definitions });
  return () => pipeline.close();
});

const order = (id: string, customer = "ann") => ({
  id,
  customer,
  shop: "north",
  total: 10,
  at: pipeline.time(),
});

/** What the stream itself holds, heartbeats aside. */
async function recordsOfStream() {
  const StreamName = orders.name;
  const { Shards = [] } = await pipeline.kinesis.send(new ListShardsCommand({ StreamName }));
  const found = [];
  for (const { ShardId } of Shards) {
    const { ShardIterator } = await pipeline.kinesis.send(
      new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
    );
    const { Records = [] } = await pipeline.kinesis.send(new GetRecordsCommand({ ShardIterator }));
    for (const { Data, SequenceNumber, PartitionKey, ApproximateArrivalTimestamp } of Records) {
      if (decodeHeartbeat(Data!) !== null) continue;
      found.push({
        shard_id: ShardId,
        sequence_number: SequenceNumber,
        partition_key: PartitionKey,
        arrival_ms: ApproximateArrivalTimestamp!.getTime(),
        payload: Buffer.from(Data!).toString("utf8"),
      });
    }
  }
  return found;
}

describe("the history of a test pipeline", () => {
  it("holds each event as it was put, repeats and late ones among them, with its place in the stream", async () => {
    const customers = ["ann", "bob", "cat", "dan", "eve"];
    await pipeline.put(
      orders,
      customers.map((each) => order(`of-${each}`, each)),
    );
    await pipeline.advance("90s");
    await pipeline.put(orders, [order("of-ann"), { ...order("old"), at: pipeline.time("3h") }]);
    const { events, rejected } = await pipeline.history(orders);
    expect(rejected).toEqual([]);
    expect(events.map(({ event }) => event.id)).toEqual([
      ...customers.map((each) => `of-${each}`),
      "of-ann",
      "old",
    ]);
    const places = events.map(
      ({ shard_id, sequence_number, partition_key, arrival_ms, payload, stamped_by }) => {
        expect(stamped_by).toBe("kinesis");
        return { shard_id, sequence_number, partition_key, arrival_ms, payload };
      },
    );
    const bySequence = (a: { sequence_number?: unknown }, b: { sequence_number?: unknown }) =>
      String(a.sequence_number) < String(b.sequence_number) ? -1 : 1;
    expect(new Set(places.map(({ shard_id }) => shard_id)).size).toBe(2);
    expect(places.toSorted(bySequence)).toEqual((await recordsOfStream()).sort(bySequence));
  });

  it("keeps apart what does not fit, as it was put", async () => {
    await pipeline.put(orders, [order("o1")]);
    await pipeline.putRecords(orders, [
      { data: "{oops", partitionKey: "ann" },
      { data: JSON.stringify(order("o9", "bob")), partitionKey: "ann" },
    ]);
    const { events, rejected } = await pipeline.history(orders);
    expect(events.map(({ event }) => event.id)).toEqual(["o1"]);
    expect(rejected.map(({ text }) => text.slice(0, 5))).toEqual(["{oops", '{"id"']);
  });

  it("has the columns of Parquet, or the event itself", async () => {
    await pipeline.put(orders, [order("o1")]);
    const [asParquet] = (await pipeline.history(orders)).events;
    expect(asParquet!.event).toMatchObject({ id: "o1", total: 10 });
    expect(JSON.parse(asParquet!.payload!)).toEqual(order("o1"));
    const [asJson] = (await pipeline.history(orders, { format: "json" })).events;
    expect(asJson!.event).toEqual(order("o1"));
    expect(asJson).not.toHaveProperty("payload");
  });

  it("refuses another format by its own name", async () => {
    await expect(pipeline.history(orders, { format: "csv" as never })).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: 'format is "csv"; history is told as "parquet" or "json".',
    });
  });

  it("does not wait for the aggregator, and loses nothing that it loses", async () => {
    pipeline.inject({ kind: "lost-batch" });
    await pipeline.put(orders, [order("o1")]);
    pipeline.pauseDelivery();
    await pipeline.put(orders, [order("o2")]);
    expect((await pipeline.history(orders)).events.map(({ event }) => event.id)).toEqual(["o1", "o2"]);
    expect((await pipeline.counts(customer)).folded).toBe(0);
    await pipeline.resumeDelivery();
  });

  it("outlives the stream's retention", async () => {
    await pipeline.put(orders, [order("o1")]);
    await pipeline.advance("30d");
    expect(await recordsOfStream()).toEqual([]);
    expect((await pipeline.history(orders)).events).toHaveLength(1);
  });

  it("is what the transform answers", async () => {
    await pipeline.put(orders, [order("o1")]);
    const [record] = await recordsOfStream();
    const transform = createHistoryTransform({
      environment: { FRESHET_SOURCE: "orders", FRESHET_HISTORY_FORMAT: "parquet" },
      definitions,
      metrics: () => {},
    });
    const data = Buffer.from(record!.payload).toString("base64");
    const { records } = await transform({
      records: [
        {
          recordId: "1",
          approximateArrivalTimestamp: record!.arrival_ms,
          data,
          kinesisRecordMetadata: {
            shardId: record!.shard_id!,
            sequenceNumber: record!.sequence_number!,
            subsequenceNumber: "",
            partitionKey: record!.partition_key!,
            approximateArrivalTimestamp: record!.arrival_ms,
          },
        },
      ],
    } as never);
    const line = JSON.parse(Buffer.from(records[0]!.data!, "base64").toString("utf8"));
    expect((await pipeline.history(orders)).events).toEqual([line]);
  });
});
