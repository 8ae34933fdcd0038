import { UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { createAggregateHandler } from "../../functions/aggregate/handler.ts";
import type { LossReport } from "../../functions/mark-losses/emit-metrics.ts";
import type { Definitions, Source } from "../define/types.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import { createStream } from "../local/create-stream.ts";
import { createMemoryObjectStore } from "../local/memory-object-store.ts";
import { type EventSourceMapping, startEventSourceMapping } from "../local/poller/event-source-mapping.ts";
import { createStreamProducer, type StreamProducer } from "../local/producer/stream-producer.ts";
import type { Timing } from "../online/backoff.ts";
import type { BatchReport } from "../online/batch-report.ts";
import { createDynamoStateStore } from "../online/dynamo-state-store.ts";
import type { StateStore } from "../online/state-store.ts";
import { createTable, TABLE_SPEC } from "../online/table.ts";
import type { FakeTime } from "./fake-time.ts";
import type { FaultInjector } from "./faults/fault-injector.ts";
import { tableOfAggregator, tableOfReader } from "./faults/faulty-table.ts";
import { createFoldingFunction, type FoldingFunction } from "./folding-function.ts";
import { createBatchLossMarker } from "./loss-marker.ts";
import { asDynamoDBClient, asKinesisClient, type Send } from "./models/clients.ts";
import { createStreamModel } from "./models/stream-model.ts";
import { createTableModel, type TableModel } from "./models/table-model.ts";
import { type RecordedPut, recordPuts } from "./recorded-puts.ts";

/** The table's name. */
export const TABLE = "freshet-test";

/** Fake time passes only when it is told to, so that a shard is read when something was put, not by polling. */
const IDLE_BACKOFF_MS = { first: 3_600_000, max: 6 * 3_600_000 };
const RETRY_BACKOFF_MS = { first: 1_000, max: 60_000 };

/** One source's stream, from the producer to the function. */
export interface TestStream {
  readonly source: Source;
  readonly producer: StreamProducer;
  readonly mapping: EventSourceMapping;
}

/** Everything around the code under test, in memory. */
export interface Platform {
  /** The streams, for any caller. */
  readonly stream: Send;
  /** Records put to a stream, by whomever. */
  readonly putTo: (streamName: string) => readonly RecordedPut[];
  readonly tableModel: TableModel;
  readonly streams: ReadonlyMap<string, TestStream>;
  readonly folding: FoldingFunction;
  /** The table as a reader sees it. */
  readonly store: StateStore;
  /** The table past all faults. */
  readonly surely: StateStore;
  readonly objects: ObjectStore;
  readonly batches: readonly BatchReport[];
  readonly losses: readonly LossReport[];
}

/** Waits take none of the test's time: for readers, whose caller would have to move it meanwhile. */
export const atOnce: Timing = { sleep: async () => {}, random: () => 0.5 };

/**
 * What is remembered for half a second would be remembered for as long as the test lets no time pass. Calls are gathered
 * without a timer, which a suite may have faked.
 */
export const AT_ONCE_READING = { controlMs: 0, progressMs: 0, defer: queueMicrotask } as const;

export async function startPlatform(options: {
  /** What the user gave. */
  readonly module: Readonly<Record<string, unknown>>;
  readonly definitions: Definitions;
  readonly time: FakeTime;
  readonly faults: FaultInjector;
  readonly shards: number;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
}): Promise<Platform> {
  const { module, definitions, time, faults, shards, batchSize, batchingWindowMs } = options;
  const streamModel = createStreamModel({ clock: time });
  const tableModel = createTableModel({ clock: time });
  const surelyClient = asDynamoDBClient(tableModel.send);
  await createTable(surelyClient, TABLE);
  await surelyClient.send(
    new UpdateTimeToLiveCommand({
      TableName: TABLE,
      TimeToLiveSpecification: { AttributeName: TABLE_SPEC.timeToLiveAttribute, Enabled: true },
    }),
  );
  const puts = recordPuts(streamModel.send, time);
  const kinesis = asKinesisClient(puts.send);
  const store = createDynamoStateStore({
    client: asDynamoDBClient(tableOfReader(tableModel, faults)),
    table: TABLE,
    timing: atOnce,
  });
  const surely = createDynamoStateStore({ client: surelyClient, table: TABLE, timing: atOnce });
  const memory = createMemoryObjectStore();
  const objects: ObjectStore = {
    ...memory,
    async put(key, body) {
      if (faults.take("failed-object") !== null) throw new Error("Service Unavailable");
      await memory.put(key, body);
    },
  };
  const batches: BatchReport[] = [];
  const losses: LossReport[] = [];
  const environment = {
    FRESHET_TABLE: TABLE,
    FRESHET_STREAMS: JSON.stringify(Object.fromEntries(definitions.sources.map(({ name }) => [name, name]))),
  };
  const folding = createFoldingFunction({
    faults,
    start: (processId, caller) =>
      createAggregateHandler({
        environment,
        definitions: module,
        clock: time,
        objectStore: objects,
        dynamo: asDynamoDBClient(tableOfAggregator(tableModel, faults, caller)),
        kinesis,
        timing: { sleep: (ms) => time.sleep(ms), random: atOnce.random },
        metrics: (report) => void batches.push(report),
        // What it logs are outside causes, which come of the faults that the test itself injected.
        logger: { error() {} },
        processId,
      }),
    onLost: createBatchLossMarker({
      environment,
      module,
      objects: memory,
      dynamo: surelyClient,
      kinesis,
      clock: time,
      onLoss: (report) => void losses.push(report),
    }),
  });

  const streams = new Map<string, TestStream>();
  for (const source of definitions.sources) {
    const { name: streamName, retentionMs } = source;
    const { streamArn } = await createStream({ kinesis, streamName, shards, retentionMs, timer: time });
    const mapping = await startEventSourceMapping({
      kinesis,
      streamName,
      streamArn,
      handler: folding.invoke,
      batchSize,
      batchingWindowMs,
      idleBackoffMs: IDLE_BACKOFF_MS,
      retryBackoffMs: RETRY_BACKOFF_MS,
      timer: time,
      clock: time,
      onFailure: () => {},
    });
    const producer = createStreamProducer({ kinesis, streamName, source, refusesSingleRecords: false });
    streams.set(streamName, { source, producer, mapping });
  }
  return {
    stream: puts.send,
    putTo: puts.of,
    tableModel,
    streams,
    folding,
    store,
    surely,
    objects,
    batches,
    losses,
  };
}
