import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { Row } from "../client/put/encode-events.ts";
import type { Source } from "../define/types.ts";
import type { CreatedStream } from "./create-stream.ts";
import { keepCheckpoints } from "./durable/checkpoints.ts";
import { readPuts } from "./durable/record-puts.ts";
import { STATE_MAPS, type StateFolder } from "./durable/state-folder.ts";
import type { KinesaliteServer } from "./kinesalite-server.ts";
import { startEventSourceMapping } from "./poller/event-source-mapping.ts";
import type { KinesisBatchHandler } from "./poller/kinesis-batch-handler.ts";
import type { PollerFailure } from "./poller/poller-failure.ts";
import type { ShardPollerStats } from "./poller/shard-poller.ts";
import { createStreamProducer, type RawRecord } from "./producer/stream-producer.ts";
import type { LocalLogger } from "./standard-error-logger.ts";
import { createTrimmer } from "./trim-handled.ts";

/** What went through one stream since it was made. */
export interface StreamStats {
  /** Events and raw records put through the feed; with a state folder, all that were ever put to the stream. */
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
  readonly server: Pick<KinesaliteServer, "trim" | "count">;
  readonly kinesis: KinesisClient;
  readonly source: Source;
  readonly stream: CreatedStream;
  readonly handler: KinesisBatchHandler;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly keepRecords: number;
  /** Where the stream is kept; null: in memory alone. */
  readonly state: StateFolder | null;
  readonly logger: LocalLogger;
}): Promise<StreamFeed> {
  const {
    state,
    server,
    kinesis,
    source,
    stream,
    handler,
    batchSize,
    batchingWindowMs,
    keepRecords,
    logger,
  } = options;
  const { streamName, streamArn } = stream;
  let trimming: Promise<unknown> = Promise.resolve();
  const trim = createTrimmer({
    server: {
      trim: (run) => {
        const trimmed = server.trim(run);
        trimming = Promise.allSettled([trimming, trimmed]);
        return trimmed;
      },
    },
    streamName,
    keepRecords,
    onFailure: (error) => logger.error("handled records stay in memory", { source: source.name, error }),
  });
  const checkpoints = state === null ? null : keepCheckpoints(state.journal, streamName);
  for (const [shardId, sequenceNumber] of checkpoints?.before ?? []) {
    const count = await server.count({ streamName, shardId, throughSequenceNumber: sequenceNumber });
    trim({ shardId, sequenceNumber, count });
  }
  const mapping = await startEventSourceMapping({
    kinesis,
    streamName,
    streamArn,
    handler,
    batchSize,
    batchingWindowMs,
    onFailure: (failure) => logger.warn(failureMessage(failure), { source: source.name, ...failure }),
    onHandled: trim,
    ...(checkpoints === null ? {} : { checkpoints }),
  });
  // kinesalite takes a request whole or not at all.
  const producer = createStreamProducer({ kinesis, streamName, source, refusesSingleRecords: false });
  let put = state === null ? 0 : readPuts(state.journal.maps[STATE_MAPS.puts]!, streamName).records;
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
    async stop() {
      await mapping.stop();
      await trimming;
    },
    stats: () => ({ put, shards: mapping.stats() }),
  };
}

const FAILED = {
  list: "listing the shards",
  read: "reading",
  handler: "a batch of",
  destination: "the on-failure destination of",
  checkpoint: "a checkpoint of",
} as const;

function failureMessage({ during, shardId, attempt, retryInMs }: PollerFailure): string {
  const what = shardId === null ? FAILED[during] : `${FAILED[during]} ${shardId}`;
  const then = retryInMs === null ? "" : " and will be tried again";
  return `${what} failed ${attempt} times in a row${then}`;
}
