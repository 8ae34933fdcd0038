import type { KinesisStreamBatchResponse } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { firstUnfinished } from "../../../lib/local/poller/batch-response.ts";
import { createEventRecords } from "../../../lib/local/poller/kinesis-event.ts";

/** Numbers of one shard, ascending: as text "9" comes after "10". */
const NUMBERS = ["8", "9", "10", "11"];
const toEventRecord = createEventRecords({
  shardId: "shardId-000000000000",
  streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/orders",
});
const batch = NUMBERS.map((SequenceNumber) =>
  toEventRecord({
    SequenceNumber,
    PartitionKey: "key",
    Data: Buffer.from("{}"),
    ApproximateArrivalTimestamp: new Date(0),
  }),
);
const failed = (...itemIdentifiers: unknown[]) =>
  ({ batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })) }) as never;

// Each by its condition on https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
describe("a batch's answer", () => {
  it.each<[string, unknown]>([
    ["an empty list of failures", { batchItemFailures: [] }],
    ["a null list of failures", { batchItemFailures: null }],
    ["an empty answer", {}],
    ["a null answer", null],
    ["no answer", undefined],
  ])("is a complete success with %s", (_, answer) => {
    expect(firstUnfinished(batch, answer as KinesisStreamBatchResponse)).toBe(4);
  });

  it.each<[string, unknown]>([
    ["an empty identifier", failed("")],
    ["a null identifier", failed(null)],
    ["a key of another name", { batchItemFailures: [{ sequenceNumber: "9" }] }],
    ["a null failure", { batchItemFailures: [null] }],
    // Of these the page says nothing.
    ["a number of no record of the batch", failed("12")],
    ["a number of no record, above one of the batch", failed("9", "12")],
    ["an identifier that is not text", failed(9)],
    ["failures that are not a list", { batchItemFailures: { itemIdentifier: "9" } }],
    ["an answer that is not an object", "9"],
  ])("is a complete failure with %s", (_, answer) => {
    expect(firstUnfinished(batch, answer as KinesisStreamBatchResponse)).toBe(0);
  });

  it("fails from the lowest sequence number on, whatever the order", () => {
    expect(firstUnfinished(batch, failed("10", "9", "11"))).toBe(1);
    expect(firstUnfinished(batch, failed("11"))).toBe(3);
    expect(firstUnfinished(batch, failed("8"))).toBe(0);
  });
});
