import type { KinesisClient, PutRecordsCommandInput, PutRecordsRequestEntry } from "@aws-sdk/client-kinesis";
import { GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-kinesis";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { PutError, put } from "../../lib/client/index.ts";
import { source } from "../../lib/define/index.ts";
import { type EmbeddedKinesis, startEmbeddedKinesis } from "../local/embedded-stream.ts";

const orders = source("orders", {
  schema: z.object({
    id: z.string(),
    card: z.string().trim(),
    amount: z.number(),
    due: z.date().optional(),
    at: z.iso.datetime(),
  }),
  partitionKey: "card",
  eventTime: "at",
  eventId: "id",
});
const order = (id: number, card: string) => ({ id: `o${id}`, card, amount: 1, at: "2026-01-01T00:00:00Z" });

/** A Kinesis that refuses single records by chance, and keeps what it took. */
function stubKinesis(refuses: (record: PutRecordsRequestEntry) => boolean) {
  const taken: PutRecordsRequestEntry[] = [];
  let requests = 0;
  const send = async ({ input }: { input: PutRecordsCommandInput }) => {
    requests++;
    const Records = input.Records!.map((record) => {
      if (refuses(record))
        return { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "slow" };
      taken.push(record);
      return { ShardId: "shardId-000000000000", SequenceNumber: String(taken.length) };
    });
    return { Records };
  };
  const ids = () => taken.map(({ Data }) => JSON.parse(Buffer.from(Data!).toString()).id as string);
  return { kinesis: { send } as unknown as KinesisClient, taken, ids, requests: () => requests };
}

const untimed = () => {
  const waits: number[] = [];
  return { waits, timing: { random: () => 0.5, sleep: async (ms: number) => void waits.push(ms) } };
};

describe("put", () => {
  it.each([
    ["object", order(1, "c")],
    ["string", "[]"],
    ["null", null],
  ])("refuses what is not an array of events: %s", async (given, events) => {
    const { kinesis, requests } = stubKinesis(() => false);
    await expect(put(orders, events as never, { kinesis })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      message: `the events of source orders are ${given}; give an array of them. Nothing was put.`,
    });
    expect(requests()).toBe(0);
  });

  let embedded: EmbeddedKinesis;
  beforeAll(async () => {
    embedded = await startEmbeddedKinesis();
  });
  afterAll(() => embedded.stop());

  it("brings events to the stream under the partition key of their source", async () => {
    const { streamName } = await embedded.newStream();
    const events = [order(1, " c1 "), order(2, "c2"), order(3, "c1")];
    const report = await put(orders, events, { kinesis: embedded.kinesis, streamName });
    expect(report).toMatchObject({ records: 3, retriedRecords: 0 });
    const { ShardIterator } = await embedded.kinesis.send(
      new GetShardIteratorCommand({
        StreamName: streamName,
        ShardId: "shardId-000000000000",
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
    const { Records } = await embedded.kinesis.send(new GetRecordsCommand({ ShardIterator }));
    // The key is the field as the schema reads it: what the aggregator compares it with.
    expect(Records!.map(({ PartitionKey }) => PartitionKey)).toEqual(["c1", "c2", "c1"]);
    expect(JSON.parse(Buffer.from(Records![0]!.Data!).toString())).toEqual(events[0]);
  });

  it("keeps each key's order and loses nothing, whichever records are refused", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 60 }),
        fc.infiniteStream(fc.nat({ max: 3 })),
        async (keys, chances) => {
          const stub = stubKinesis(() => chances.next().value === 0);
          const { timing } = untimed();
          const events = keys.map((key, i) => order(i, key));
          const report = await put(orders, events, { kinesis: stub.kinesis, timing, maxAttempts: 100 });
          for (const key of ["a", "b", "c"]) {
            const own = events.filter(({ card }) => card === key).map(({ id }) => id);
            expect(stub.ids().filter((id) => own.includes(id))).toEqual(own);
          }
          expect([report.records, report.requests]).toEqual([events.length, stub.requests()]);
        },
      ),
      { numRuns: 50, seed: 20260112 },
    );
  });

  it("waits longer each time that a request is refused whole, by chance, and says what was not put", async () => {
    const stub = stubKinesis(({ PartitionKey }) => PartitionKey === "b");
    const { timing, waits } = untimed();
    const events = [order(0, "a"), order(1, "b"), order(2, "a"), order(3, "b")];
    const failed = put(orders, events, { kinesis: stub.kinesis, timing, maxAttempts: 4 });
    await expect(failed).rejects.toBeInstanceOf(PutError);
    await expect(failed).rejects.toMatchObject({
      code: "STREAM_UNAVAILABLE",
      notPut: [1, 3],
      message: expect.stringContaining("2 events were not put"),
    });
    expect(stub.ids()).toEqual(["o0", "o2"]);
    expect(waits.length).toBeGreaterThanOrEqual(3);
    expect(waits.slice(-3)).toEqual([20, 40, 80].slice(-waits.length));
  });

  it("counts the events of a request that got no answer among those not put", async () => {
    const { timing } = untimed();
    let requests = 0;
    const kinesis = {
      send: async ({ input }: { input: PutRecordsCommandInput }) => {
        if (++requests > 1) throw new Error("socket hang up");
        return { Records: input.Records!.map(() => ({ SequenceNumber: "1" })) };
      },
    } as unknown as KinesisClient;
    const events = [order(0, "a"), order(1, "a"), order(2, "a")];
    await expect(put(orders, events, { kinesis, timing })).rejects.toMatchObject({
      notPut: [1, 2],
      message: expect.stringContaining("socket hang up"),
      cause: expect.objectContaining({ message: "socket hang up" }),
    });
  });

  it.each([
    ["a field of another type", { ...order(1, "c"), amount: "1" }, /row 1 .*amount/],
    ["what JSON makes of a value", { ...order(1, "c"), due: new Date(0) }, /row 1 .*due/],
    ["a number that JSON has not", { ...order(1, "c"), amount: Number.NaN }, /row 1 .*amount/],
    ["an empty partition key", order(1, "  "), /row 1 .*card has 0 characters/],
    ["a partition key that is too long", order(1, "c".repeat(257)), /row 1 .*card has 257 characters/],
    ["ill-formed Unicode", order(1, "\ud800"), /row 1 .*ill-formed/],
    ["more than a record holds", { ...order(1, "c"), id: "x".repeat(2 ** 20) }, /row 1 .*1048576/],
    ["no object", null, /row 1 .*expected object/],
    ["a number for an object", 7, /row 1 .*expected object/],
    ["nothing", undefined, /row 1 .*undefined/],
    ["a circle", circle(), /row 1 .*JSON/],
  ])("puts none of the events when one has %s", async (_, event, message) => {
    const stub = stubKinesis(() => false);
    const events = [order(0, "a"), event as never, order(2, "b")];
    await expect(put(orders, events, { kinesis: stub.kinesis })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      message: expect.stringMatching(message),
    });
    await expect(put(orders, events, { kinesis: stub.kinesis })).rejects.toThrow("Nothing was put.");
    expect(stub.requests()).toBe(0);
  });

  it("puts none of the events when a place among them is empty", async () => {
    const stub = stubKinesis(() => false);
    const events = [order(0, "a")];
    events[2] = order(2, "b");
    await expect(put(orders, events, { kinesis: stub.kinesis })).rejects.toMatchObject({
      code: "REQUEST_INVALID",
      message: expect.stringMatching(/row 1 .*undefined; an event is an object/),
    });
    expect(stub.requests()).toBe(0);
  });

  it("names several events that do not fit, and counts the rest", async () => {
    const stub = stubKinesis(() => false);
    const events = Array.from({ length: 8 }, (_, i) => ({ ...order(i, "c"), amount: "1" as never }));
    await expect(put(orders, events, { kinesis: stub.kinesis })).rejects.toThrow(
      /row 0 .*row 4 .*; and 3 more/,
    );
  });

  it("of nothing puts nothing", async () => {
    const stub = stubKinesis(() => false);
    expect(await put(orders, [], { kinesis: stub.kinesis })).toEqual({
      records: 0,
      requests: 0,
      retriedRecords: 0,
    });
  });

  it("refuses an option that does not exist, before it sends anything", async () => {
    const options = { kinesis: {} as KinesisClient, stream: "orders" };
    await expect(put(orders, [], options)).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: expect.stringContaining('no "stream"'),
    });
  });
});

function circle(): unknown {
  const event: Record<string, unknown> = { ...order(1, "c") };
  event.self = event;
  return event;
}
