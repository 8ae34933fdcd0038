/**
 * What Firehose gathers of a shard before it calls the transform, whichever comes first: small, for a line may be many
 * times its record, and answers are bounded.
 */
export const TRANSFORM_BUFFER = { mib: 0.2, seconds: 60 } as const;

/** What Firehose gathers before it writes an object, whichever comes first. Conversion to Parquet needs at least 64 MiB. */
export const OBJECT_BUFFER = { mib: 64, seconds: 300 } as const;
