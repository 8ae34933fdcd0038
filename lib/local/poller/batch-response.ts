import type { KinesisStreamBatchResponse } from "aws-lambda";
import type { EventRecord } from "./kinesis-event.ts";

/**
 * Where to go on after a handler answered: the index of the lowest failed record, or the batch's length when all
 * succeeded. By Lambda's rules for
 * {@link https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html | ReportBatchItemFailures}:
 * no answer, or no failures in it, is a success; a failure without an identifier, or with an empty one, fails the batch
 * whole. So does an identifier of no record of the batch, and an answer of another form, of which the page says nothing.
 */
export function firstUnfinished(
  batch: readonly EventRecord[],
  // biome-ignore lint/suspicious/noConfusingVoidType: a Lambda handler that reports nothing returns void
  response: KinesisStreamBatchResponse | null | undefined | void,
): number {
  if (response === null || response === undefined) return batch.length;
  if (typeof response !== "object") return 0;
  const failures: unknown = response.batchItemFailures;
  if (failures === undefined || failures === null) return batch.length;
  if (!Array.isArray(failures)) return 0;
  if (failures.length === 0) return batch.length;
  const indexes = new Map(batch.map(({ record }, index) => [record.kinesis.sequenceNumber, index]));
  let lowest = batch.length;
  for (const failure of failures as ({ itemIdentifier?: unknown } | null)[]) {
    const index = indexes.get(failure?.itemIdentifier as string);
    if (index === undefined) return 0;
    lowest = Math.min(lowest, index);
  }
  return lowest;
}
