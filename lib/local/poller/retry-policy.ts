import type { EventRecord } from "./kinesis-event.ts";

/** What becomes of records that the handler fails, by Lambda's names. -1: without limit. */
export interface RetryPolicy {
  readonly bisectBatchOnFunctionError: boolean;
  readonly maximumRetryAttempts: number;
  readonly maximumRecordAgeInSeconds: number;
}

/** Records of a batch that are handed on together, with what became of them before. */
export interface BatchPart {
  readonly records: readonly EventRecord[];
  /** Retries begun, of those that the policy counts. */
  readonly retries: number;
  /** Invocations that held its first record. */
  readonly invocations: number;
  /** How many of them, the last ones, have failed at its first record. */
  readonly failures: number;
  /** Whether the last of them threw. */
  readonly threw: boolean;
}

/** A batch that was just read. */
export function freshPart(records: readonly EventRecord[]): BatchPart {
  return { records, retries: 0, invocations: 0, failures: 0, threw: false };
}

/**
 * What is handed on after an invocation that left records unfinished, in order; null when the retries are used up and
 * the rest is discarded. By Lambda's pages on
 * {@link https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html | discarded batches} and
 * {@link https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html | partial responses}: a
 * split does not consume retries, and is made at the reported record, else in the middle. Whether progress gives the
 * rest its retries back the pages do not say: it does here, since the other way discards records that were never tried.
 *
 * @param outcome - How many of the part's first records succeeded, and whether the handler threw.
 */
export function partsAfterFailure(
  part: BatchPart,
  { finished, threw }: { readonly finished: number; readonly threw: boolean },
  policy: Pick<RetryPolicy, "bisectBatchOnFunctionError" | "maximumRetryAttempts">,
): readonly BatchPart[] | null {
  const { bisectBatchOnFunctionError, maximumRetryAttempts } = policy;
  const rest: BatchPart = {
    records: part.records.slice(finished),
    retries: finished === 0 ? part.retries : 0,
    invocations: part.invocations + 1,
    failures: (finished === 0 ? part.failures : 0) + 1,
    threw,
  };
  if (bisectBatchOnFunctionError && rest.records.length > 1) {
    if (finished > 0) return [rest];
    const middle = Math.ceil(rest.records.length / 2);
    return [rest.records.slice(0, middle), rest.records.slice(middle)].map((records) => ({
      ...rest,
      records,
    }));
  }
  if (maximumRetryAttempts !== -1 && rest.retries >= maximumRetryAttempts) return null;
  return [{ ...rest, retries: rest.retries + 1 }];
}

/** How many of the first records are older than the policy lets them be handed on. */
export function expiredCount(
  records: readonly EventRecord[],
  { maximumRecordAgeInSeconds }: Pick<RetryPolicy, "maximumRecordAgeInSeconds">,
  nowMs: number,
): number {
  if (maximumRecordAgeInSeconds === -1) return 0;
  const isYoung = ({ record }: EventRecord) =>
    nowMs - 1_000 * record.kinesis.approximateArrivalTimestamp <= 1_000 * maximumRecordAgeInSeconds;
  const young = records.findIndex(isYoung);
  return young === -1 ? records.length : young;
}
