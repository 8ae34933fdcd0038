import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import type { KinesisStreamEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createAggregateHandler } from "../../functions/aggregate/handler.ts";
import { shardRecordsOf, streamNameOf } from "../../functions/aggregate/kinesis-event.ts";
import { createStream } from "../../lib/local/create-stream.ts";
import { embeddedDynamoClient, embeddedKinesisClient } from "../../lib/local/embedded-clients.ts";
import { type KinesaliteServer, startKinesalite } from "../../lib/local/kinesalite-server.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import type { BatchReport } from "../../lib/online/batch-report.ts";
import { countOutcomes } from "../../lib/online/counts.ts";
import { describeStream } from "../../lib/online/describe-stream.ts";
import { createDynamoStateStore } from "../../lib/online/dynamo-state-store.ts";
import { createReader } from "../../lib/online/reader.ts";
import { createTable } from "../../lib/online/table.ts";
import { startTables, type TestTables } from "./fixtures/dynalite.ts";
import * as definitions from "./fixtures/payments.ts";

const { payments, cardPlan, plans } = definitions;

/** The definitions alone, as a user's module has them. */
const { card, merchant, total } = definitions;
const userModule = { payments, card, merchant, total };

describe("the aggregate function, between kinesalite and dynalite", () => {
  let tables: TestTables;
  let server: KinesaliteServer;
  let kinesis: KinesisClient;
  let environment: Record<string, string>;
  const table = "handled";

  beforeAll(async () => {
    tables = await startTables();
    server = await startKinesalite();
    kinesis = embeddedKinesisClient(server.endpoint);
    const dynamo = embeddedDynamoClient(tables.endpoint);
    await createTable(dynamo, table);
    dynamo.destroy();
    await createStream({
      kinesis,
      streamName: "payments-stream",
      shards: 2,
      retentionMs: payments.retentionMs,
    });
    environment = {
      FRESHET_TABLE: table,
      FRESHET_STREAMS: JSON.stringify({ payments: "payments-stream" }),
      FRESHET_BUCKET: "unused",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
      AWS_ENDPOINT_URL_KINESIS: server.endpoint,
    };
  });
  afterAll(async () => {
    kinesis.destroy();
    await server.stop();
    await tables.stop();
  });

  /** A shard's records as Lambda hands them over. */
  async function eventOf(shardId: string): Promise<KinesisStreamEvent> {
    const { arn } = await describeStream(kinesis, "payments-stream");
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName: "payments-stream",
        ShardId: shardId,
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    return {
      Records: Records.map((record) => ({
        eventSource: "aws:kinesis",
        eventVersion: "1.0",
        eventID: `${shardId}:${record.SequenceNumber}`,
        eventName: "aws:kinesis:record",
        invokeIdentityArn: "arn:aws:iam::000000000000:role/test",
        awsRegion: "us-east-1",
        eventSourceARN: arn,
        kinesis: {
          kinesisSchemaVersion: "1.0",
          partitionKey: record.PartitionKey!,
          sequenceNumber: record.SequenceNumber!,
          data: Buffer.from(record.Data!).toString("base64"),
          approximateArrivalTimestamp: record.ApproximateArrivalTimestamp!.getTime() / 1000,
        },
      })),
    };
  }

  it("folds what was put, sets aside what is bad, and answers for every record", async () => {
    const nowMs = Date.now();
    const rows = Array.from({ length: 40 }, (_, n) => ({
      id: `p${n}`,
      card: `card-${n % 7}`,
      merchant: "M",
      amount: n,
      at: nowMs - n,
    }));
    const good = rows.map((row) => ({ Data: Buffer.from(JSON.stringify(row)), PartitionKey: row.card }));
    const explicit = {
      Data: Buffer.from(JSON.stringify({ ...rows[0], id: "explicit" })),
      PartitionKey: rows[0]!.card,
    };
    const { shards } = await describeStream(kinesis, "payments-stream");
    await kinesis.send(
      new PutRecordsCommand({
        StreamName: "payments-stream",
        Records: [
          ...good,
          { Data: Buffer.from("poison"), PartitionKey: "card-1" },
          // Both ends of the hash space: one of them is not the shard of the key.
          { ...explicit, ExplicitHashKey: "0" },
          { ...explicit, ExplicitHashKey: (2n ** 128n - 1n).toString() },
        ],
      }),
    );
    const objectStore = createMemoryObjectStore();
    const reports: BatchReport[] = [];
    const handler = createAggregateHandler({
      environment,
      definitions: userModule,
      objectStore,
      metrics: (report) => reports.push(report),
    });
    for (const { shardId } of shards) {
      expect(await handler(await eventOf(shardId))).toEqual({ batchItemFailures: [] });
    }
    expect(reports.map(({ records }) => records).reduce((sum, n) => sum + n)).toBe(43);

    const client = embeddedDynamoClient(tables.endpoint);
    const store = createDynamoStateStore({ client, table });
    const counts = await countOutcomes({ store, objects: objectStore, plans });
    for (const plan of plans) {
      expect(counts.get(plan.id)).toMatchObject({ folded: 41, quarantined: 2, duplicate: 0, late: 0 });
    }
    const reader = createReader({ store, clock: { now: () => Date.now() } });
    const [reading] = await reader.read([{ plan: cardPlan, key: ["card-3"] }]);
    expect(reading).toMatchObject({ known: true, status: "warming", values: { count_1h: 6 } });
    client.destroy();
  });

  it("reports the first record when a shard or its stream is not known, or the table is out of reach", async () => {
    const errors: unknown[] = [];
    const logger = { error: (_: string, fields: object) => errors.push(fields) };
    const options = {
      definitions: userModule,
      objectStore: createMemoryObjectStore(),
      metrics: () => {},
      logger,
    };
    const event = await eventOf("shardId-000000000000");
    const first = { batchItemFailures: [{ itemIdentifier: event.Records[0]!.kinesis.sequenceNumber }] };

    const streams = JSON.stringify({ payments: "another-stream" });
    const elsewhere = createAggregateHandler({
      ...options,
      environment: { ...environment, FRESHET_STREAMS: streams },
    });
    expect(await elsewhere(event)).toEqual(first);
    expect(errors).toMatchObject([{ error: { code: "STREAM_UNAVAILABLE" } }]);

    const noTable = createAggregateHandler({
      ...options,
      environment: { ...environment, FRESHET_TABLE: "no-table" },
    });
    expect(await noTable(event)).toEqual(first);
    expect(errors[1]).toMatchObject({ error: { code: "STORE_UNAVAILABLE" } });

    const handler = createAggregateHandler({ ...options, environment });
    const unknown = structuredClone(event);
    for (const record of unknown.Records)
      record.eventID = record.eventID.replace(/^[^:]*/, "shardId-000000000077");
    expect(await handler(unknown)).toEqual(first);
    expect(await handler({ Records: [] })).toEqual({ batchItemFailures: [] });
  });

  it("writes CloudWatch metrics in embedded metric format", async () => {
    const lines: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    // Powertools writes to a console of its own unless it runs under its development flag.
    vi.stubEnv("POWERTOOLS_DEV", "true");
    vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
    try {
      const objectStore = createMemoryObjectStore();
      const handler = createAggregateHandler({ environment, definitions: userModule, objectStore });
      await handler(await eventOf("shardId-000000000000"));
    } finally {
      log.mockRestore();
      vi.unstubAllEnvs();
    }
    const metrics = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const ofCard = metrics.find(({ view }) => view === "card@1")!;
    expect(ofCard).toMatchObject({ source: "payments", Unfinished: 0 });
    expect(ofCard.AlreadyFolded).toBeGreaterThan(0);
    expect(metrics.find(({ view }) => view === undefined)).toMatchObject({
      source: "payments",
      UnfinishedBatches: 0,
    });
  });

  it.each([
    ["FRESHET_TABLE", undefined, /FRESHET_TABLE is not set/],
    ["FRESHET_BUCKET", "", /FRESHET_BUCKET is not set/],
    ["FRESHET_STREAMS", "{", /FRESHET_STREAMS is not JSON/],
    ["FRESHET_STREAMS", "[]", /JSON object of stream names/],
    ["FRESHET_STREAMS", '{"payment":"x"}', /names the source "payment"; there are payments/],
    ["FRESHET_STREAMS", '{"payments":7}', /gives source payments 7/],
  ])("refuses an environment whose %s is %s", (name, value, message) => {
    expect(() =>
      createAggregateHandler({ environment: { ...environment, [name]: value }, definitions: userModule }),
    ).toThrow(message);
  });

  it("reads shard, stream and arrival from what Lambda sends", () => {
    const arn = "arn:aws:kinesis:us-east-1:123456789012:stream/lambda-stream";
    expect(streamNameOf(arn)).toBe("lambda-stream");
    expect(streamNameOf(`${arn}/consumer/fast:1545084650`)).toBe("lambda-stream");
    expect(streamNameOf("lambda-stream")).toBe("lambda-stream");
    const sequence = "49590338271490256608559692538361571095921575989136588898";
    const [shard] = shardRecordsOf({
      Records: [
        {
          kinesis: {
            kinesisSchemaVersion: "1.0",
            partitionKey: "1",
            sequenceNumber: sequence,
            data: "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",
            approximateArrivalTimestamp: 1545084650.987,
          },
          eventSource: "aws:kinesis",
          eventVersion: "1.0",
          eventID: `shardId-000000000006:${sequence}`,
          eventName: "aws:kinesis:record",
          invokeIdentityArn: "arn:aws:iam::123456789012:role/lambda-role",
          awsRegion: "us-east-2",
          eventSourceARN: arn,
        },
      ],
    });
    expect(shard).toMatchObject({ streamArn: arn, shardId: "shardId-000000000006" });
    expect(shard!.records).toHaveLength(1);
    const { data, base64, partitionKey, sequenceNumber, approximateArrivalMs } = shard!.records[0]!;
    expect([{ data, base64, partitionKey, sequenceNumber, approximateArrivalMs }]).toEqual([
      {
        data: Buffer.from("Hello, this is a test."),
        base64: "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",
        partitionKey: "1",
        sequenceNumber: sequence,
        approximateArrivalMs: 1_545_084_650_987,
      },
    ]);
  });
});
