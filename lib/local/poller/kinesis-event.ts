import type { _Record } from "@aws-sdk/client-kinesis";
import type { KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";

/** What Lambda takes as the largest payload of an invocation: 6 MiB. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** A record as Lambda delivers it, with the bytes it takes in the event's JSON, its comma included. */
export interface EventRecord {
  readonly record: KinesisStreamRecord;
  readonly payloadBytes: number;
}

/** The bytes of an event's JSON around its records. */
export const ENVELOPE_BYTES = JSON.stringify({ Records: [] }).length;

/** Makes records of one shard into the records of Lambda's event. */
export function createEventRecords(shard: {
  readonly shardId: string;
  readonly streamArn: string;
}): (record: _Record) => EventRecord {
  const { shardId, streamArn } = shard;
  const awsRegion = streamArn.split(":")[3] ?? "";
  const invokeIdentityArn = `arn:aws:iam::${streamArn.split(":")[4] ?? ""}:role/freshet-local`;
  const eventRecord = (
    sequenceNumber: string,
    partitionKey: string,
    data: string,
    approximateArrivalTimestamp: number,
  ): KinesisStreamRecord => ({
    kinesis: { kinesisSchemaVersion: "1.0", partitionKey, sequenceNumber, data, approximateArrivalTimestamp },
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `${shardId}:${sequenceNumber}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn,
    awsRegion,
    eventSourceARN: streamArn,
  });
  const fixedBytes = JSON.stringify(eventRecord("", "", "", 0)).length - 1;

  return ({ SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp }) => {
    const sequenceNumber = SequenceNumber!;
    const partitionKey = PartitionKey!;
    const data = Buffer.from(Data!.buffer, Data!.byteOffset, Data!.byteLength).toString("base64");
    const arrivalSeconds = ApproximateArrivalTimestamp!.getTime() / 1_000;
    return {
      record: eventRecord(sequenceNumber, partitionKey, data, arrivalSeconds),
      payloadBytes:
        fixedBytes +
        2 * sequenceNumber.length +
        (Buffer.byteLength(JSON.stringify(partitionKey)) - 2) +
        data.length +
        String(arrivalSeconds).length +
        1,
    };
  };
}

export function kinesisEvent(records: readonly EventRecord[]): KinesisStreamEvent {
  return { Records: records.map(({ record }) => record) };
}
