/** Something that did not succeed, of which nothing is lost by it. */
export interface PollerFailure {
  /** Null when the shards could not be listed. */
  readonly shardId: string | null;
  /** Listing the shards, reading one, the handler; not tried again are the on-failure destination and a checkpoint. */
  readonly during: "list" | "read" | "handler" | "destination" | "checkpoint";
  /** What was thrown; null when the handler reported records as unfinished. */
  readonly error: unknown;
  /** The first record that it is of; null where it is of none. */
  readonly sequenceNumber: string | null;
  /** How many times in a row it has failed. */
  readonly attempt: number;
  /** Null when it is not tried again. */
  readonly retryInMs: number | null;
}
