import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
} from "@aws-sdk/client-kinesis";
import { createEventRecords, type EventRecord } from "./kinesis-event.ts";

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

/** Reads a shard from its oldest record on, or from behind one, each record once. */
export function createShardReader(options: {
  readonly kinesis: KinesisClient;
  readonly shard: ShardAddress;
  /** The most records of one read, 1 to 10,000. */
  readonly limit: number;
  /** A record that was handled, with all before it. @default none */
  readonly after?: string | undefined;
}): () => Promise<ShardRead> {
  const { kinesis, shard, limit } = options;
  const { streamName, shardId } = shard;
  const toEventRecord = createEventRecords(shard);
  let iterator: string | undefined;
  let lastRead = options.after;

  const openIterator = async () => {
    const position =
      lastRead === undefined
        ? ({ ShardIteratorType: "TRIM_HORIZON" } as const)
        : ({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: lastRead } as const);
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({ StreamName: streamName, ShardId: shardId, ...position }),
    );
    return ShardIterator;
  };

  return async () => {
    iterator ??= await openIterator();
    try {
      const {
        Records = [],
        NextShardIterator,
        MillisBehindLatest = 0,
      } = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }));
      iterator = NextShardIterator;
      lastRead = Records.at(-1)?.SequenceNumber ?? lastRead;
      return {
        records: Records.map(toEventRecord),
        caughtUp: Records.length < limit && MillisBehindLatest === 0,
        ended: NextShardIterator === undefined,
      };
    } catch (error) {
      // An iterator lives five minutes; a batch that is retried for longer outlives it.
      if (!(error instanceof ExpiredIteratorException)) throw error;
      iterator = undefined;
      return { records: [], caughtUp: false, ended: false };
    }
  };
}
