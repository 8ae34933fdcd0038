import type { FirehoseTransformationEventRecord } from "aws-lambda";
import type { HistoryPosition } from "../../lib/offline/history/history-record.ts";

/** As Firehose hands it: the stamp is a number, or the text of a time, and servers like it may leave all of it out. */
type Metadata = Partial<
  Omit<NonNullable<FirehoseTransformationEventRecord["kinesisRecordMetadata"]>, "approximateArrivalTimestamp">
> & { readonly approximateArrivalTimestamp?: number | string };

/** Where a record stood in its stream. */
export function positionOf(record: FirehoseTransformationEventRecord): HistoryPosition {
  const metadata: Metadata = record.kinesisRecordMetadata ?? {};
  const stampMs = timeMs(metadata.approximateArrivalTimestamp);
  return {
    shardId: metadata.shardId ?? null,
    sequenceNumber: metadata.sequenceNumber ?? null,
    subsequenceNumber: subsequenceOf(metadata.subsequenceNumber),
    partitionKey: metadata.partitionKey ?? null,
    arrivalMs: stampMs ?? timeMs(record.approximateArrivalTimestamp) ?? 0,
    stampedBy: stampMs === null ? "firehose" : "kinesis",
  };
}

function timeMs(time: number | string | undefined): number | null {
  if (time === undefined) return null;
  const ms = typeof time === "number" ? time : Date.parse(time);
  return Number.isFinite(ms) ? Math.round(ms) : null;
}

function subsequenceOf(given: unknown): string | null {
  return given === undefined || given === null || given === "" ? null : String(given);
}
