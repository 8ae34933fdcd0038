import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { encodeEvents, type Row } from "../../client/put/encode-events.ts";
import { putInOrder } from "../../client/put/put-in-order.ts";
import type { Source } from "../../define/types.ts";
import { encodeHeartbeat } from "../../engine/heartbeat.ts";
import { listShards } from "../list-shards.ts";

/** A record as any producer may put it: its bytes need be nothing that the source can read. */
export interface RawRecord {
  /** At most 1 MiB. */
  readonly data: Uint8Array;
  /** 1 to 256 characters. */
  readonly partitionKey: string;
  /** A decimal from 0 to 2^128 - 1 that chooses the shard in place of the partition key's hash. */
  readonly explicitHashKey?: string;
}

/** Puts to one stream. Calls take effect one after the other, in the order they were made. */
export interface StreamProducer {
  /**
   * Puts events, in order per partition key.
   * @throws FreshetError `REQUEST_INVALID` before anything is put when a row does not fit the source's schema;
   * `STREAM_UNAVAILABLE` when the stream goes on refusing.
   */
  put(rows: readonly Row[]): Promise<void>;
  /**
   * Puts records as they are, as a producer that knows nothing of the source would, in order per shard.
   * @throws FreshetError `STREAM_UNAVAILABLE` when the stream goes on refusing.
   */
  putRecords(records: readonly RawRecord[]): Promise<void>;
  /** Puts a heartbeat to every open shard, behind everything put before; resolves to their number. */
  beat(sentAtMs: number): Promise<number>;
}

export function createStreamProducer(options: {
  readonly kinesis: KinesisClient;
  readonly streamName: string;
  readonly source: Source;
  /** Whether the server may refuse single records of a request, as Kinesis does. @default true */
  readonly refusesSingleRecords?: boolean;
  /** How many requests in a row may be refused whole before the put fails. @default 10 */
  readonly maxAttempts?: number;
}): StreamProducer {
  const { kinesis, streamName, source, refusesSingleRecords = true, maxAttempts = 10 } = options;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };

  return {
    async put(rows) {
      const records = encodeEvents(source, rows);
      await inTurn(() => putInOrder({ kinesis, streamName, records, refusesSingleRecords, maxAttempts }));
    },

    async putRecords(raw) {
      const records = raw.map(({ data, partitionKey, explicitHashKey }) => ({
        Data: data,
        PartitionKey: partitionKey,
        ...(explicitHashKey === undefined ? {} : { ExplicitHashKey: explicitHashKey }),
      }));
      await inTurn(() => putInOrder({ kinesis, streamName, records, refusesSingleRecords, maxAttempts }));
    },

    beat: (sentAtMs) =>
      inTurn(async () => {
        const data = encodeHeartbeat(sentAtMs);
        const open = (await listShards(kinesis, streamName)).filter(({ isOpen }) => isOpen);
        const records = open.map(({ shardId, startingHashKey }) => ({
          Data: data,
          PartitionKey: `heartbeat-${shardId}`,
          ExplicitHashKey: startingHashKey,
        }));
        await putInOrder({ kinesis, streamName, records, refusesSingleRecords, maxAttempts });
        return open.length;
      }),
  };
}
