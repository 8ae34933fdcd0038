import {
  type KinesisClient,
  PutRecordsCommand,
  type PutRecordsRequestEntry,
  type PutRecordsResultEntry,
} from "@aws-sdk/client-kinesis";
import { FreshetError } from "../../define/error.ts";
import { fullJitterMs, systemTiming, type Timing } from "../../online/backoff.ts";
import { PutError } from "./put-error.ts";

/** Limits of one PutRecords request. */
const MAX_REQUEST_RECORDS = 500;
const MAX_REQUEST_BYTES = 5 * 1024 * 1024;

/** How many records a request is chosen from: bounds how far a busy key may fall behind the others. */
const LOOK_AHEAD_RECORDS = 2_000;

/** The longest wait before refused records are put again doubles from the first to the last. */
const RETRY = { baseMs: 40, capMs: 1_000 };

export interface PutInOrderOptions {
  readonly kinesis: KinesisClient;
  /** Or ARN, for a stream of another account. */
  readonly streamName: string;
  readonly records: readonly PutRecordsRequestEntry[];
  /**
   * Whether the server may refuse some records of a request and take later ones, as Kinesis does: then a request holds
   * one record a key, since a second that is taken where the first is refused cannot be called back.
   */
  readonly refusesSingleRecords: boolean;
  /** How many requests in a row may be refused whole before the put fails; one that is taken in part begins anew. */
  readonly maxAttempts: number;
  /** @default the machine's timer and generator */
  readonly timing?: Timing;
}

/** What a put took. */
export interface PutReport {
  /** Events that were put: all of the call. */
  readonly records: number;
  /** Requests that it took, those that were refused among them. */
  readonly requests: number;
  /** Records that were refused and put again, each time counted. */
  readonly retriedRecords: number;
}

/** A record and its place among those of the call. */
interface Pending {
  readonly index: number;
  readonly record: PutRecordsRequestEntry;
}

/**
 * Puts records so that those of one key reach the stream in the order given; only what was refused is put again, after
 * a wait of random length that grows.
 *
 * @throws FreshetError `OPTION_INVALID` for a number of attempts that cannot be.
 * @throws PutError `STREAM_UNAVAILABLE` when the stream goes on refusing, or a request fails or is not answered record by
 * record; then a prefix of each key's records has been put, and the error lists the rest.
 */
export async function putInOrder(options: PutInOrderOptions): Promise<PutReport> {
  const { kinesis, streamName, records, refusesSingleRecords, maxAttempts, timing = systemTiming } = options;
  if (!Number.isSafeInteger(maxAttempts) || maxAttempts < 1) {
    throw new FreshetError(
      "OPTION_INVALID",
      `maxAttempts is ${maxAttempts}; it is a whole number from 1 on.`,
    );
  }
  const target = streamName.startsWith("arn:") ? { StreamARN: streamName } : { StreamName: streamName };
  let window: readonly Pending[] = [];
  let next = 0;
  let attempt = 0;
  let requests = 0;
  let retriedRecords = 0;
  const fail = (problem: string, cause?: unknown): PutError => {
    const notPut = [...window.map(({ index }) => index), ...range(next, records.length)];
    return new PutError(`stream ${streamName} ${problem}`, notPut.sort(ascending), cause);
  };
  for (;;) {
    const room = LOOK_AHEAD_RECORDS - window.length;
    if (room > 0 && next < records.length) {
      const more = records.slice(next, next + room).map((record, i) => ({ index: next + i, record }));
      window = [...window, ...more];
      next += more.length;
    }
    if (window.length === 0) return { records: records.length, requests, retriedRecords };

    const { request, rest } = chooseRequest(window, { oneRecordAKey: refusesSingleRecords });
    requests++;
    const { Records: results } = await kinesis
      .send(new PutRecordsCommand({ ...target, Records: request.map(({ record }) => record) }))
      .catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw fail(`did not answer a put of ${request.length} records: ${reason}`, cause);
      });
    if (results?.length !== request.length) {
      throw fail(`answered for ${results?.length ?? "none"} of the ${request.length} records of a put`);
    }
    const unanswered = request.filter((_, index) => !isTaken(results[index]) && !isRefused(results[index]));
    if (unanswered.length > 0) {
      window = [...request.filter((_, index) => !isTaken(results[index])), ...rest];
      throw fail(`neither took nor refused ${unanswered.length} of the ${request.length} records of a put`);
    }
    const refused = request.filter((_, index) => isRefused(results[index]));
    window = [...refused, ...rest];
    if (refused.length === 0) {
      attempt = 0;
      continue;
    }
    attempt = refused.length < request.length ? 0 : attempt + 1;
    if (!refusesSingleRecords || attempt === maxAttempts) {
      const example = results.find(isRefused);
      throw fail(
        `refused ${refused.length} of ${request.length} records: ${example?.ErrorCode}: ${example?.ErrorMessage}`,
      );
    }
    retriedRecords += refused.length;
    await timing.sleep(fullJitterMs(Math.max(0, attempt - 1), timing.random, RETRY));
  }
}

function isRefused(result: PutRecordsResultEntry | undefined): boolean {
  return typeof result?.ErrorCode === "string";
}

function isTaken(result: PutRecordsResultEntry | undefined): boolean {
  return !isRefused(result) && typeof result?.SequenceNumber === "string";
}

/** The next request's records, and those that stay, both in order. */
function chooseRequest(
  window: readonly Pending[],
  { oneRecordAKey }: { oneRecordAKey: boolean },
): { request: readonly Pending[]; rest: readonly Pending[] } {
  const request: Pending[] = [];
  const deferred: Pending[] = [];
  const keys = new Set<string>();
  let bytes = 0;
  let looked = 0;
  for (; looked < window.length && request.length < MAX_REQUEST_RECORDS; looked++) {
    const pending = window[looked]!;
    const key = pending.record.PartitionKey!;
    if (oneRecordAKey && keys.has(key)) {
      deferred.push(pending);
      continue;
    }
    const size = pending.record.Data!.byteLength + Buffer.byteLength(key);
    if (request.length > 0 && bytes + size > MAX_REQUEST_BYTES) break;
    request.push(pending);
    keys.add(key);
    bytes += size;
  }
  return { request, rest: [...deferred, ...window.slice(looked)] };
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}

function ascending(left: number, right: number): number {
  return left - right;
}
