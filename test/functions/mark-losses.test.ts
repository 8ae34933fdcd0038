import { describe, expect, it } from "vitest";
import type { LossReport } from "../../functions/mark-losses/emit-metrics.ts";
import { createMarkLosses } from "../../functions/mark-losses/handler.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { invocationRecord } from "../../lib/local/poller/invocation-record.ts";
import { describeStream } from "../../lib/online/describe-stream.ts";
import { testPipeline } from "../../lib/testing/index.ts";
import * as definitions from "../testing/fixtures/shop.ts";
import { customer, everything, orders, shop } from "../testing/fixtures/shop.ts";

const KEY = "aws/lambda/6f2a0a0e/shardId-000000000000/2026/01/01/2026-01-01T00.00.00-1";

const created = (key: string) => ({
  version: "0",
  id: "e",
  account: "123456789012",
  time: "2026-01-01T00:00:00Z",
  region: "eu-west-1",
  resources: [],
  source: "aws.s3",
  "detail-type": "Object Created" as const,
  detail: { object: { key } },
});

async function deployed(body: unknown, ofMarker: Readonly<Record<string, unknown>> = definitions) {
  const pipeline = await testPipeline({ definitions });
  await pipeline.put(orders, [{ id: "o1", customer: "ann", shop: "north", total: 10, at: pipeline.time() }]);
  const { arn } = await describeStream(pipeline.kinesis, orders.name);
  const objects = createMemoryObjectStore();
  if (body !== undefined) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    await objects.put(KEY, Buffer.from(text.replaceAll("STREAM_ARN", arn)));
  }
  const reports: LossReport[] = [];
  const markLosses = createMarkLosses({
    environment: { FRESHET_TABLE: pipeline.table, FRESHET_STREAMS: JSON.stringify({ [orders.name]: arn }) },
    definitions: ofMarker,
    objectStore: objects,
    dynamo: pipeline.dynamo,
    kinesis: pipeline.kinesis,
    clock: pipeline.clock,
    metrics: (report) => reports.push(report),
    logger: { info() {}, error() {} },
  });
  const status = async () => (await pipeline.read(customer, { customer: "ann" })).status;
  return { pipeline, markLosses, reports, status };
}

/** As the local event source mapping tells of a batch, and Lambda with it. */
const lostBatch = invocationRecord({
  shard: { streamName: "orders", streamArn: "STREAM_ARN", shardId: "shardId-000000000000" },
  functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:aggregate",
  records: [
    {
      record: {
        kinesis: {
          sequenceNumber: "49500000000000000000000000000000000000000000000000000002",
          approximateArrivalTimestamp: 1,
        },
      },
    },
  ] as never,
  condition: "RecordAgeExceeded",
  invocations: 0,
  threw: false,
  nowMs: 0,
});

describe("the function that the on-failure destination tells", () => {
  it("marks the lost batch's shard unknown for every view over its source, and counts it", async () => {
    const { markLosses, reports, status, pipeline } = await deployed({ ...lostBatch, payload: "{}" });
    expect(await status()).not.toBe("unknown");
    const loss = await markLosses(created(KEY));
    expect(loss).toMatchObject({ source: "orders", shardId: "shardId-000000000000", records: 1 });
    expect(loss!.views).toEqual(["customer@1", "shop@1", "everything@1"]);
    expect(reports).toEqual([loss]);
    await pipeline.advance("1m");
    expect(await status()).toBe("unknown");
    expect((await pipeline.read(shop, { shop: "north" })).status).toBe("unknown");
    expect((await pipeline.read(everything)).status).toBe("unknown");
    // Told twice, it says the same.
    expect(await markLosses(created(KEY))).toEqual(loss);
  });

  it("marks views of the release that had the batch, though its own has left them out", async () => {
    const { markLosses, pipeline } = await deployed({ ...lostBatch, payload: "{}" }, { orders, customer });
    expect((await markLosses(created(KEY)))!.views).toEqual(["customer@1", "everything@1", "shop@1"]);
    await pipeline.advance("1m");
    expect((await pipeline.read(shop, { shop: "north" })).status).toBe("unknown");
  });

  it("leaves alone what is of another pipeline that has the same bucket", async () => {
    const streamArn = "arn:aws:kinesis:eu-west-1:123456789012:stream/other";
    const { markLosses, reports, status } = await deployed({
      KinesisBatchInfo: { ...lostBatch.KinesisBatchInfo, streamArn },
    });
    expect(await markLosses(created(KEY))).toBeNull();
    expect(reports).toEqual([]);
    expect(await status()).not.toBe("unknown");
  });

  it.each([
    ["no object", undefined, "is not there"],
    ["an object that is not JSON", "{", "it is not JSON"],
    ["an object of something else", { requestContext: {} }, "no stream, shard or sequence number"],
    [
      "a shard that there is not",
      { KinesisBatchInfo: { ...lostBatch.KinesisBatchInfo, shardId: "shardId-000000000099" } },
      "has no shard shardId-000000000099",
    ],
  ])("rejects %s, so that Lambda tries again and its errors are seen", async (_, body, message) => {
    const { markLosses, reports, status } = await deployed(body);
    await expect(markLosses(created(KEY))).rejects.toThrow(message);
    expect(reports).toEqual([]);
    expect(await status()).not.toBe("unknown");
  });
});
