import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { Row } from "../client/put/encode-events.ts";
import type { Source } from "../define/types.ts";
import type { CreatedStream } from "./create-stream.ts";
import type { KinesaliteServer } from "./kinesalite-server.ts";
import { startEventSourceMapping } from "./poller/event-source-mapping.ts";
import type { KinesisBatchHandler, PollerFailure, ShardPollerStats } from "./poller/shard-poller.ts";
import { createStreamProducer, type RawRecord } from "./producer/stream-producer.ts";
import type { LocalLogger } from "./standard-error-logger.ts";
import { createTrimmer } from "./trim-handled.ts";

/** What went through one stream since it was made. */
export interface StreamStats {
  /** Events and raw records put through the feed. */
  readonly put: number;
  readonly shards: readonly ShardPollerStats[];
}

/** One source's stream in the local runtime, from the producer to the handler. */
export interface StreamFeed {
  readonly source: Source;
  put(rows: readonly Row[]): Promise<void>;
  /** Puts records as they are: nothing is checked. */
  putRecords(records: readonly RawRecord[]): Promise<void>;
  /** Puts a heartbeat to every open shard, behind everything put before; resolves to their number. */
  beat(sentAtMs: number): Promise<number>;
  drained(): Promise<void>;
  stop(): Promise<void>;
  stats(): StreamStats;
}

export async function startStreamFeed(options: {
  readonly server: KinesaliteServer;
  readonly kinesis: KinesisClient;
  readonly source: Source;
  readonly stream: CreatedStream;
  readonly handler: KinesisBatchHandler;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly keepRecords: number;
  readonly logger: LocalLogger;
}): Promise<StreamFeed> {
  const { server, kinesis, source, stream, handler, batchSize, batchingWindowMs, keepRecords, logger } =
    options;
  const { streamName, streamArn } = stream;
  const mapping = await startEventSourceMapping({
    kinesis,
    streamName,
    streamArn,
    handler,
    batchSize,
    batchingWindowMs,
    onFailure: (failure) => logger.warn(retryMessage(failure), { source: source.name, ...failure }),
    onHandled: createTrimmer({
      server,
      streamName,
      keepRecords,
      onFailure: (error) => logger.error("handled records stay in memory", { source: source.name, error }),
    }),
  });
  // kinesalite takes a request whole or not at all.
  const producer = createStreamProducer({ kinesis, streamName, source, refusesSingleRecords: false });
  let put = 0;
  return {
    source,
    async put(rows) {
      await producer.put(rows);
      put += rows.length;
      mapping.wake();
    },
    async putRecords(records) {
      await producer.putRecords(records);
      put += records.length;
      mapping.wake();
    },
    async beat(sentAtMs) {
      const shards = await producer.beat(sentAtMs);
      mapping.wake();
      return shards;
    },
    drained: mapping.drained,
    stop: mapping.stop,
    stats: () => ({ put, shards: mapping.stats() }),
  };
}

function retryMessage({ during, shardId, attempt }: PollerFailure): string {
  const what = during === "read" ? "reading" : "a batch of";
  return `${what} ${shardId} failed ${attempt} times in a row and will be tried again`;
}
