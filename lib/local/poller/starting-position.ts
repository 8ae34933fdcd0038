import type { GetShardIteratorCommandInput } from "@aws-sdk/client-kinesis";

/**
 * Where a mapping begins in the shards that there are when it is created, by Lambda's
 * {@link https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html | parameters}. The children of a
 * shard that it has read are read from their first record on, whatever the position: nothing is left out between them.
 */
export type StartingPosition =
  | { readonly type: "TRIM_HORIZON" }
  | { readonly type: "LATEST" }
  | { readonly type: "AT_TIMESTAMP"; readonly timestampMs: number };

/** Where the reading of a shard begins: as the mapping does, or behind a record that was handled. */
export type ShardPosition =
  | StartingPosition
  | { readonly type: "AFTER_SEQUENCE_NUMBER"; readonly sequenceNumber: string };

/** The part of a request for an iterator that names the position. */
export function iteratorAt(position: ShardPosition): Omit<GetShardIteratorCommandInput, "ShardId"> {
  switch (position.type) {
    case "AT_TIMESTAMP":
      return { ShardIteratorType: position.type, Timestamp: new Date(position.timestampMs) };
    case "AFTER_SEQUENCE_NUMBER":
      return { ShardIteratorType: position.type, StartingSequenceNumber: position.sequenceNumber };
    default:
      return { ShardIteratorType: position.type };
  }
}
