import type { KinesisStreamBatchResponse } from "aws-lambda";
import { compareSequenceNumbers } from "../../engine/position.ts";
import type { EventRecord } from "./kinesis-event.ts";

/**
 * Where to go on after a handler answered, by Lambda's rules for ReportBatchItemFailures: the index of the lowest
 * failed record, or the batch's length when all succeeded. An answer that names no record of the batch fails it whole.
 */
export function firstUnfinished(
  batch: readonly EventRecord[],
  response: KinesisStreamBatchResponse | null | undefined,
): number {
  const failures = response?.batchItemFailures;
  if (failures === undefined || failures === null || failures.length === 0) return batch.length;
  let lowest: string | null = null;
  for (const failure of failures) {
    const sequenceNumber = failure?.itemIdentifier;
    if (typeof sequenceNumber !== "string" || sequenceNumber === "") return 0;
    if (lowest === null || compareSequenceNumbers(sequenceNumber, lowest) < 0) lowest = sequenceNumber;
  }
  return Math.max(
    0,
    batch.findIndex(({ record }) => record.kinesis.sequenceNumber === lowest),
  );
}
