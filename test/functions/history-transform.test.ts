import type { FirehoseTransformationEventRecord } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createHistoryTransform } from "../../functions/history-transform/handler.ts";
import { source, view } from "../../lib/define/index.ts";
import { encodeHeartbeat } from "../../lib/engine/heartbeat.ts";

const payments = source("payments", {
  schema: z.object({
    id: z.string(),
    cardId: z.string(),
    amount: z.number(),
    web: z.boolean().optional(),
    "shop.tags": z.array(z.string()).optional(),
    code: z.stringbool().optional(),
    at: z.iso.datetime(),
  }),
  partitionKey: "cardId",
  eventTime: "at",
  eventId: "id",
});
const card = view("card", {
  version: 1,
  source: payments,
  entity: "cardId",
  sla: "2m",
  features: (t) => ({ payments: t.count().over("1h") }),
});

const ARRIVAL_MS = Date.parse("2026-05-04T10:00:01.250Z");
const EVENT = { id: "p1", cardId: "c1", amount: 12.5, at: "2026-05-04T10:00:00Z" };

function record(data: string | Uint8Array, metadata: object | null = {}): FirehoseTransformationEventRecord {
  return {
    recordId: `record-${Buffer.from(data).toString("hex").slice(0, 12)}`,
    approximateArrivalTimestamp: ARRIVAL_MS + 900,
    data: Buffer.from(data).toString("base64"),
    ...(metadata === null
      ? {}
      : {
          kinesisRecordMetadata: {
            shardId: "shardId-000000000003",
            partitionKey: "c1",
            approximateArrivalTimestamp: ARRIVAL_MS,
            sequenceNumber: "49546986683135544286507457936321625675700192471156785154",
            subsequenceNumber: "",
            ...metadata,
          },
        }),
  };
}

async function transform(format: "json" | "parquet", records: FirehoseTransformationEventRecord[]) {
  const reports: unknown[] = [];
  const warnings: unknown[] = [];
  const handler = createHistoryTransform({
    environment: { FRESHET_SOURCE: "payments", FRESHET_HISTORY_FORMAT: format },
    definitions: { card },
    metrics: (report) => reports.push(report),
    logger: { warn: (_message, fields) => warnings.push(fields) },
  });
  const answer = await handler({
    invocationId: "i",
    deliveryStreamArn: "arn",
    region: "eu-west-1",
    records,
  });
  const lines = answer.records.map(({ data }) => Buffer.from(data!, "base64").toString("utf8"));
  return { answer, lines, reports, warnings };
}

const POSITION = {
  shard_id: "shardId-000000000003",
  sequence_number: "49546986683135544286507457936321625675700192471156785154",
  subsequence_number: null,
  partition_key: "c1",
  arrival_ms: ARRIVAL_MS,
  stamped_by: "kinesis",
};

describe("the transform of the history", () => {
  it("attaches shard, sequence number and arrival, whether Firehose writes that as a number or as text", async () => {
    const asText = record(JSON.stringify(EVENT), { approximateArrivalTimestamp: "2026-05-04T10:00:01.250Z" });
    const { answer, lines } = await transform("json", [record(JSON.stringify(EVENT)), asText]);
    expect(answer.records.map(({ result }) => result)).toEqual(["Ok", "Ok"]);
    for (const line of lines) {
      expect(line.endsWith("}\n")).toBe(true);
      expect(JSON.parse(line)).toEqual({ ...POSITION, event: EVENT });
    }
  });

  it("keeps the payload as it was put: numbers, unknown fields, and their order", async () => {
    const payload =
      '{"id":"p1",\r\n "extra":[1.0,1e2], "cardId":"c1","amount":12.50,"at":"2026-05-04T10:00:00Z"}';
    const json = (await transform("json", [record(payload)])).lines[0]!;
    expect(json.trimEnd()).not.toMatch(/[\r\n]/);
    expect(json).toContain('"extra":[1.0,1e2], "cardId":"c1","amount":12.50');
    const parquet = JSON.parse((await transform("parquet", [record(payload)])).lines[0]!);
    expect(parquet.payload).toBe(payload);
  });

  it("for Parquet writes the row that the aggregator sees, by columns of one type each", async () => {
    const payload = JSON.stringify({ ...EVENT, web: true, "shop.tags": ["a", "b"], code: "yes" });
    const { lines } = await transform("parquet", [record(payload)]);
    expect(JSON.parse(lines[0]!)).toEqual({
      ...POSITION,
      event: {
        id: "p1",
        cardid: "c1",
        amount: 12.5,
        web: true,
        shop_tags: '["a","b"]',
        code: true,
        at: "2026-05-04T10:00:00Z",
      },
      payload,
    });
    const absent = JSON.parse((await transform("parquet", [record(JSON.stringify(EVENT))])).lines[0]!);
    expect(absent.event).toMatchObject({ web: null, shop_tags: null, code: null });
  });

  it("takes records that come without their place in the stream, and says so in them", async () => {
    const { answer, lines, reports } = await transform("json", [record(JSON.stringify(EVENT), null)]);
    expect(answer.records[0]!.result).toBe("Ok");
    expect(JSON.parse(lines[0]!)).toEqual({
      shard_id: null,
      sequence_number: null,
      subsequence_number: null,
      partition_key: null,
      arrival_ms: ARRIVAL_MS + 900,
      stamped_by: "firehose",
      event: EVENT,
    });
    expect(reports).toEqual([
      { source: "payments", kept: 1, rejected: 0, heartbeats: 0, withoutPosition: 1 },
    ]);
  });

  it("drops heartbeats, and keeps what does not fit the source as it was put, among the errors", async () => {
    const bad = [
      record("no json"),
      record(JSON.stringify({ ...EVENT, amount: "12" })),
      record(JSON.stringify(EVENT), { partitionKey: "c2" }),
      record(JSON.stringify({ ...EVENT, at: "2027-01-01T00:00:00Z" })),
      record(Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2, 1, 2, 3)),
      // What does not fit without its place does not fit either.
      record("no json", null),
    ];
    const { answer, reports, warnings } = await transform("parquet", [
      record(encodeHeartbeat(ARRIVAL_MS), { partitionKey: "heartbeat-shardId-000000000003" }),
      ...bad,
      record(JSON.stringify(EVENT)),
    ]);
    expect(answer.records.map(({ result }) => result)).toEqual([
      "Dropped",
      ...bad.map(() => "ProcessingFailed"),
      "Ok",
    ]);
    expect(answer.records.slice(1, -1).map(({ recordId, data }) => ({ recordId, data }))).toEqual(
      bad.map(({ recordId, data }) => ({ recordId, data })),
    );
    expect(warnings.map((fields) => (fields as { reason: string }).reason)).toEqual([
      "malformed",
      "schema",
      "wrong-partition-key",
      "future",
      "kpl-aggregated",
      "malformed",
    ]);
    expect(reports).toEqual([
      { source: "payments", kept: 1, rejected: 6, heartbeats: 1, withoutPosition: 0 },
    ]);
  });

  it("answers less than Lambda's limit: what would pass it goes to the errors whole", async () => {
    const large = JSON.stringify({ ...EVENT, id: "x".repeat(900_000) });
    const { answer } = await transform(
      "parquet",
      Array.from({ length: 3 }, () => record(large)),
    );
    expect(answer.records.map(({ result }) => result)).toEqual(["Ok", "Ok", "ProcessingFailed"]);
    expect(answer.records[2]!.data).toBe(Buffer.from(large).toString("base64"));
  });

  it.each([
    [{}, /FRESHET_SOURCE is not set/],
    [{ FRESHET_SOURCE: "orders" }, /names the source "orders"; there are payments/],
    [{ FRESHET_SOURCE: "payments", FRESHET_HISTORY_FORMAT: "orc" }, /is "orc"; write "parquet" or "json"/],
  ])("refuses the environment %j", (environment, message) => {
    expect(() => createHistoryTransform({ environment, definitions: { card } })).toThrow(message);
  });

  it("refuses two fields that one column would hold, for Parquet alone", () => {
    const both = source("both", {
      schema: z.object({ cardId: z.string(), cardid: z.string(), at: z.number() }),
      partitionKey: "cardId",
      eventTime: "at",
    });
    const make = (format: string) => () =>
      createHistoryTransform({
        environment: { FRESHET_SOURCE: "both", FRESHET_HISTORY_FORMAT: format },
        definitions: { both },
      });
    expect(make("parquet")).toThrow(/its fields "cardId" and "cardid" are one column "cardid"/);
    expect(make("json")).not.toThrow();
  });
});
