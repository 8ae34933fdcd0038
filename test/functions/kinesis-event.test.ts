import type { KinesisStreamRecord } from "aws-lambda";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shardRecordsOf, streamNameOf } from "../../functions/aggregate/kinesis-event.ts";

const ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders";

const record = (shard: number, sequenceNumber: string, arrivalSeconds: number): KinesisStreamRecord => ({
  awsRegion: "eu-west-1",
  eventID: `shardId-00000000000${shard}:${sequenceNumber}`,
  eventName: "aws:kinesis:record",
  eventSource: "aws:kinesis",
  eventSourceARN: ARN,
  eventVersion: "1.0",
  invokeIdentityArn: "arn:aws:iam::123456789012:role/aggregate",
  kinesis: {
    kinesisSchemaVersion: "1.0",
    partitionKey: "ann",
    sequenceNumber,
    data: Buffer.from("{}").toString("base64"),
    approximateArrivalTimestamp: arrivalSeconds,
  },
});

describe("an event of Lambda's", () => {
  it("is a batch of each shard, in order", () => {
    const shards = shardRecordsOf({ Records: [record(1, "5", 1), record(2, "6", 1), record(1, "7", 1)] });
    expect(
      shards.map(({ streamArn, shardId, records }) => [
        streamArn,
        shardId,
        records.map(({ sequenceNumber, partitionKey, data }) => [
          sequenceNumber,
          partitionKey,
          Buffer.from(data).toString(),
        ]),
      ]),
    ).toEqual([
      [
        ARN,
        "shardId-000000000001",
        [
          ["5", "ann", "{}"],
          ["7", "ann", "{}"],
        ],
      ],
      [ARN, "shardId-000000000002", [["6", "ann", "{}"]]],
    ]);
  });

  it("stamps arrivals in seconds with decimals, which are the stream's own milliseconds to the last", () => {
    const arrivalOf = (ms: number) =>
      shardRecordsOf({ Records: [record(1, "5", ms / 1000)] })[0]!.records[0]!.approximateArrivalMs;
    // 1.001 * 1000 is 1000.9999999999999.
    expect(arrivalOf(1_001)).toBe(1_001);
    fc.assert(
      fc.property(fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 }), (ms) => {
        expect(arrivalOf(ms)).toBe(ms);
      }),
    );
  });

  it.each([
    [ARN, "orders"],
    [`${ARN}/consumer/fan-out:1700000000`, "orders"],
    ["orders", "orders"],
  ])("comes from the stream of %s", (arn, name) => {
    expect(streamNameOf(arn)).toBe(name);
  });
});
