import { GetRecordsCommand, GetShardIteratorCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import type { Clock } from "../../engine/ports/clock.ts";
import { listShards } from "../list-shards.ts";
import { createEventRecords, type EventRecord } from "./kinesis-event.ts";
import { iteratorAt, type ShardPosition } from "./starting-position.ts";

/** The part of the client that reading needs. */
export type KinesisCalls = Pick<KinesisClient, "send">;

export interface ShardAddress {
  readonly streamName: string;
  readonly streamArn: string;
  readonly shardId: string;
}

/** What one read of a shard found. */
export interface ShardRead {
  readonly records: readonly EventRecord[];
  /** Whether the read reached everything that had been put when it began. */
  readonly caughtUp: boolean;
  /** Whether the shard is closed and read to its end. */
  readonly ended: boolean;
}

/** Reads a shard from a position on, each record once. */
export function createShardReader(options: {
  readonly kinesis: KinesisCalls;
  readonly shard: ShardAddress;
  /** The most records of one read, 1 to 10,000. */
  readonly limit: number;
  readonly from: ShardPosition;
  readonly clock: Clock;
}): () => Promise<ShardRead> {
  const { kinesis, shard, limit, clock } = options;
  const { streamName, shardId } = shard;
  const toEventRecord = createEventRecords(shard);
  let iterator: string | undefined;
  let position = options.from;

  const openIterator = async () => {
    const openedMs = clock.now();
    const request = new GetShardIteratorCommand({
      StreamName: streamName,
      ShardId: shardId,
      ...iteratorAt(position),
    });
    const { ShardIterator } = await kinesis.send(request);
    // Asked again, "latest" would leave out what was put since.
    if (position.type === "LATEST") position = { type: "AT_TIMESTAMP", timestampMs: openedMs };
    return ShardIterator;
  };

  const read = async (): Promise<ShardRead> => {
    iterator ??= await openIterator();
    try {
      const {
        Records = [],
        NextShardIterator,
        MillisBehindLatest = 0,
      } = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }));
      iterator = NextShardIterator;
      const sequenceNumber = Records.at(-1)?.SequenceNumber;
      if (sequenceNumber !== undefined) position = { type: "AFTER_SEQUENCE_NUMBER", sequenceNumber };
      return {
        records: Records.map(toEventRecord),
        caughtUp: Records.length < limit && MillisBehindLatest === 0,
        ended: NextShardIterator === undefined,
      };
    } catch (error) {
      // An iterator lives five minutes; a batch that is retried for longer outlives it.
      if ((error as Error).name !== "ExpiredIteratorException") throw error;
      iterator = undefined;
      return { records: [], caughtUp: false, ended: false };
    }
  };

  /** A closed shard is forgotten with its last record; a batch that was retried for so long outlives it. */
  const isForgotten = async () =>
    (await listShards(kinesis, streamName)).every(({ shardId: listed }) => listed !== shardId);

  return async () => {
    try {
      return await read();
    } catch (error) {
      if ((error as Error).name !== "ResourceNotFoundException" || !(await isForgotten())) throw error;
      return { records: [], caughtUp: true, ended: true };
    }
  };
}
