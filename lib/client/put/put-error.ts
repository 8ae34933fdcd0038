import { FreshetError } from "../../define/error.ts";

/**
 * A put that ended before everything was put.
 *
 * @example
 * ```ts
 * try {
 *   await put(payments, events, { kinesis });
 * } catch (error) {
 *   if (!(error instanceof PutError)) throw error;
 *   later.push(...error.notPut.map((place) => events[place]));
 * }
 * ```
 */
export class PutError extends FreshetError {
  /**
   * The places, among the events of the call, of those that were not put, in order. Where a request got no answer, its
   * events are among them and may have been put all the same: a source with an `eventId` drops them when they come again.
   */
  readonly notPut: readonly number[];

  constructor(problem: string, notPut: readonly number[], cause?: unknown) {
    const message = `${problem}; ${notPut.length} events were not put.`;
    super("STREAM_UNAVAILABLE", message, cause === undefined ? {} : { cause });
    this.notPut = notPut;
  }
}
