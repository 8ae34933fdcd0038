import { setTimeout as sleep } from "node:timers/promises";
import { type KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from "@aws-sdk/client-kinesis";
import { FreshetError } from "../../define/error.ts";

/** Limits of one PutRecords request. */
const MAX_REQUEST_RECORDS = 500;
const MAX_REQUEST_BYTES = 5 * 1024 * 1024;

/** How many records a request is chosen from: bounds how far a busy key may fall behind the others. */
const LOOK_AHEAD_RECORDS = 2_000;

/** The time before refused records are put again doubles from the first to the last. */
const FIRST_RETRY_MS = 20;
const LAST_RETRY_MS = 1_000;

export interface PutInOrderOptions {
  readonly kinesis: KinesisClient;
  readonly streamName: string;
  readonly records: readonly PutRecordsRequestEntry[];
  /**
   * Whether the server may refuse some records of a request and take later ones, as Kinesis does: then a request holds
   * one record a key, since a second that is taken where the first is refused cannot be called back.
   */
  readonly refusesSingleRecords: boolean;
  /** How many requests in a row may be refused whole before the put fails. */
  readonly maxAttempts: number;
}

/**
 * Puts records so that those of one key reach the stream in the order given; only what was refused is put again.
 *
 * @throws FreshetError `STREAM_UNAVAILABLE` when the stream goes on refusing; then a prefix of each key's records has
 * been put.
 */
export async function putInOrder(options: PutInOrderOptions): Promise<void> {
  const { kinesis, streamName, records, refusesSingleRecords, maxAttempts } = options;
  let window: readonly PutRecordsRequestEntry[] = [];
  let next = 0;
  let attempt = 0;
  for (;;) {
    const room = LOOK_AHEAD_RECORDS - window.length;
    if (room > 0 && next < records.length) {
      window = [...window, ...records.slice(next, next + room)];
      next += room;
    }
    if (window.length === 0) return;

    const { request, rest } = chooseRequest(window, { oneRecordAKey: refusesSingleRecords });
    const { Records: results = [] } = await kinesis.send(
      new PutRecordsCommand({ StreamName: streamName, Records: [...request] }),
    );
    const refused = request.filter((_, index) => results[index]?.ErrorCode !== undefined);
    window = [...refused, ...rest];
    if (refused.length === 0) {
      attempt = 0;
      continue;
    }
    attempt = refused.length < request.length ? 1 : attempt + 1;
    if (!refusesSingleRecords || attempt === maxAttempts) {
      const example = results.find(({ ErrorCode }) => ErrorCode !== undefined);
      throw new FreshetError(
        "STREAM_UNAVAILABLE",
        `stream ${streamName} refused ${refused.length} of ${request.length} records: ${example?.ErrorCode}: ${example?.ErrorMessage}`,
      );
    }
    await sleep(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)));
  }
}

/** The next request's records, and those that stay, both in order. */
function chooseRequest(
  window: readonly PutRecordsRequestEntry[],
  { oneRecordAKey }: { oneRecordAKey: boolean },
): { request: readonly PutRecordsRequestEntry[]; rest: readonly PutRecordsRequestEntry[] } {
  const request: PutRecordsRequestEntry[] = [];
  const deferred: PutRecordsRequestEntry[] = [];
  const keys = new Set<string>();
  let bytes = 0;
  let looked = 0;
  for (; looked < window.length && request.length < MAX_REQUEST_RECORDS; looked++) {
    const record = window[looked]!;
    const key = record.PartitionKey!;
    if (oneRecordAKey && keys.has(key)) {
      deferred.push(record);
      continue;
    }
    const size = record.Data!.byteLength + Buffer.byteLength(key);
    if (request.length > 0 && bytes + size > MAX_REQUEST_BYTES) break;
    request.push(record);
    keys.add(key);
    bytes += size;
  }
  return { request, rest: [...deferred, ...window.slice(looked)] };
}
