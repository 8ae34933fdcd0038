import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { z } from "zod";
import type { OptionNames } from "../../define/check-options.ts";
import { requireKnownOptions } from "../../define/require-known-options.ts";
import type { Source } from "../../define/types.ts";
import type { Timing } from "../../online/backoff.ts";
import { encodeEvents, type Row } from "./encode-events.ts";
import { type PutReport, putInOrder } from "./put-in-order.ts";

/** What {@link put} takes beside source and events. */
export interface PutOptions {
  /** A client of your own: region, credentials and endpoint are its. */
  readonly kinesis: KinesisClient;
  /** The name of the source's stream. @default the source's name */
  readonly streamName?: string;
  /** How many requests in a row may be refused whole before the put fails; one taken in part begins anew. @default 10 */
  readonly maxAttempts?: number;
  /** Waits between attempts, and their jitter. @default the machine's timer and generator */
  readonly timing?: Timing;
}

const PUT_OPTIONS: OptionNames<PutOptions> = { kinesis: 0, streamName: 0, maxAttempts: 0, timing: 0 };

/**
 * Puts events of a source on its stream, in requests of up to 500 records and 5 MiB. Events of one partition key reach
 * the stream in the order given, within a call: a request holds one event a key, so that what Kinesis refuses of a
 * request can be put again before anything that follows it. Await a call before the next one to keep the order between
 * calls.
 *
 * Every event is checked by the source's schema before the first is sent, and one that does not fit refuses the whole
 * call: putting the good ones around it would bring it, once mended, behind later events of its key.
 *
 * @throws FreshetError `REQUEST_INVALID` naming the events that do not fit, and where; nothing was put then.
 * @throws FreshetError `OPTION_INVALID` for a `maxAttempts` that is no whole number from 1 on, or an unknown option.
 * @throws PutError `STREAM_UNAVAILABLE` when the stream goes on refusing, or does not answer for each record; `notPut`
 *   lists what to put again.
 * @example
 * ```ts
 * const kinesis = new KinesisClient({});
 * await put(transactions, [{ id: "t1", card: "c1", amount: 12.5, at: new Date().toISOString() }], { kinesis });
 * ```
 */
export async function put<Schema extends z.ZodObject>(
  source: Source<string, Schema>,
  events: readonly z.input<Schema>[],
  options: PutOptions,
): Promise<PutReport> {
  requireKnownOptions("put's options", options, PUT_OPTIONS);
  const { kinesis, streamName = source.name, maxAttempts = 10, timing } = options;
  return putInOrder({
    kinesis,
    streamName,
    records: encodeEvents(source, events as readonly Row[]),
    refusesSingleRecords: true,
    maxAttempts,
    ...(timing === undefined ? {} : { timing }),
  });
}
