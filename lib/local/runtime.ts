import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createAdaptorServer } from "@hono/node-server";
import { FreshetError } from "../define/error.ts";
import type { Definitions, Source } from "../define/types.ts";
import { planView, type ViewPlan } from "../engine/plan.ts";
import { systemClock } from "../engine/ports/clock.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import { createDynamoStateStore } from "../online/dynamo-state-store.ts";
import { createReader, type FeatureReader } from "../online/reader.ts";
import type { StateStore } from "../online/state-store.ts";
import { createTable } from "../online/table.ts";
import { createStream } from "./create-stream.ts";
import { startDynalite } from "./dynalite-server.ts";
import { embeddedDynamoClient, embeddedKinesisClient, withoutNodeVersionNotice } from "./embedded-clients.ts";
import { type EmbeddedServer, listenLocally } from "./embedded-server.ts";
import { bundleFunctions, startFunctions } from "./functions.ts";
import { startHeartbeats } from "./heartbeats.ts";
import { startKinesalite } from "./kinesalite-server.ts";
import { loadDefinitions } from "./load-definitions.ts";
import { createMemoryObjectStore } from "./memory-object-store.ts";
import {
  MAX_BATCH_SIZE,
  MAX_BATCHING_WINDOW_MS,
  startEventSourceMapping,
} from "./poller/event-source-mapping.ts";
import type { PollerFailure, ShardPollerStats } from "./poller/shard-poller.ts";
import type { Row } from "./producer/encode-rows.ts";
import { createStreamProducer } from "./producer/stream-producer.ts";
import { type LocalRuntimeOptions, requireWholeNumber } from "./runtime-options.ts";
import { createStandardErrorLogger } from "./standard-error-logger.ts";
import { createTrimmer } from "./trim-handled.ts";

/** The embedded table's name. */
const TABLE = "freshet";

/** What went through one stream since the runtime started. */
export interface StreamStats {
  /** Events put through the runtime. */
  readonly put: number;
  readonly shards: readonly ShardPollerStats[];
}

export interface LocalRuntimeStats {
  /** By source. */
  readonly streams: Readonly<Record<string, StreamStats>>;
  /** Heartbeats sent, one a shard. */
  readonly heartbeats: number;
}

/** A pipeline running in this process. */
export interface LocalRuntime {
  /** Where the API answers. */
  readonly url: string;
  readonly definitions: Definitions;
  /** The plan of each view of the definitions, in their order. */
  readonly plans: readonly ViewPlan[];
  /** The embedded servers, for any client with any credentials: Kinesis over HTTP/1.1. */
  readonly endpoints: { readonly kinesis: string; readonly dynamo: string };
  readonly table: string;
  /** Stream names by source name. */
  readonly streams: Readonly<Record<string, string>>;
  readonly store: StateStore;
  /** Reads the table past the API. */
  readonly reader: FeatureReader;
  /** What late and quarantined records went to. */
  readonly objectStore: ObjectStore;
  /**
   * Puts events of a source, in order per partition key, and the heartbeats that have become due behind them.
   * @throws FreshetError `OPTION_INVALID` for a source that there is not, `REQUEST_INVALID` for a row that does not fit
   * its schema: nothing is put then.
   */
  put(source: string, rows: readonly Row[]): Promise<void>;
  /** Puts a heartbeat to every shard, stating the clock's time, behind everything put before. */
  heartbeat(): Promise<void>;
  /** Resolves when everything put before has been folded, or set aside. */
  drain(): Promise<void>;
  stats(): LocalRuntimeStats;
  /** Ends everything: requests and batches under way are finished, and what is in memory is gone. */
  stop(): Promise<void>;
}

/**
 * Runs a pipeline in this process: an in-memory Kinesis and DynamoDB, the functions that would be deployed, bundled,
 * fed as Lambda's event source mapping feeds them, and the API on 127.0.0.1.
 *
 * @throws FreshetError `OPTION_INVALID`, `PORT_IN_USE`, `BUNDLE_FAILED`, what loading the definitions throws, and what
 * loading their models throws. Nothing is left running then.
 *
 * @example
 * ```ts
 * const runtime = await startLocalRuntime({ definitionsFile: "./fraud.ts" });
 * await runtime.put("transactions", [{ id: "t1", card: "c1", amount: 12.5, at: new Date().toISOString() }]);
 * await runtime.drain();
 * const answer = await fetch(`${runtime.url}/v1/features`, {
 *   method: "POST",
 *   headers: { "content-type": "application/json" },
 *   body: JSON.stringify({ view: "card", keys: { card: "c1" } }),
 * });
 * await runtime.stop();
 * ```
 */
export async function startLocalRuntime(options: LocalRuntimeOptions): Promise<LocalRuntime> {
  const { shards = 2, port = 0, keepRecords = 100_000, batchSize = 1_000, batchingWindowMs = 0 } = options;
  requireWholeNumber("shards", shards, 1, 500);
  requireWholeNumber("port", port, 0, 65_535);
  requireWholeNumber("keepRecords", keepRecords, 0, Number.MAX_SAFE_INTEGER);
  requireWholeNumber("batchSize", batchSize, 1, MAX_BATCH_SIZE);
  requireWholeNumber("batchingWindowMs", batchingWindowMs, 0, MAX_BATCHING_WINDOW_MS);
  withoutNodeVersionNotice();

  /** What to end, last started first. */
  const running: (() => unknown)[] = [];
  const stopAll = async () => {
    for (let stop = running.pop(); stop !== undefined; stop = running.pop()) await stop();
  };
  try {
    const runtime = await start(
      { ...options, shards, port, keepRecords, batchSize, batchingWindowMs },
      (stop) => running.push(stop),
    );
    let stopped: Promise<void> | null = null;
    return {
      ...runtime,
      stop() {
        stopped ??= stopAll();
        return stopped;
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Options with what has a plain default filled in. */
type Settings = LocalRuntimeOptions &
  Required<Pick<LocalRuntimeOptions, "shards" | "port" | "keepRecords" | "batchSize" | "batchingWindowMs">>;

async function start(
  options: Settings,
  onStop: (stop: () => unknown) => void,
): Promise<Omit<LocalRuntime, "stop">> {
  const { shards, port, keepRecords, batchSize, batchingWindowMs, clock = systemClock } = options;
  const { objectStore = createMemoryObjectStore(), logger = createStandardErrorLogger() } = options;
  const { definitionsFile: given } = options;
  const definitionsFile = resolve(typeof given === "string" ? given : fileURLToPath(given));
  const definitions = await loadDefinitions(definitionsFile);
  const functions = await bundleFunctions(definitionsFile);

  const kinesalite = await startKinesalite();
  onStop(kinesalite.stop);
  const dynalite = await startDynalite();
  onStop(dynalite.stop);
  const endpoints = { kinesis: kinesalite.endpoint, dynamo: dynalite.endpoint };
  const kinesis = embeddedKinesisClient(endpoints.kinesis);
  onStop(() => kinesis.destroy());
  const dynamo = embeddedDynamoClient(endpoints.dynamo);
  onStop(() => dynamo.destroy());

  await createTable(dynamo, TABLE);
  const created = await Promise.all(
    definitions.sources.map(async (source) => ({
      source,
      stream: await createStream({
        kinesis,
        streamName: source.name,
        shards,
        retentionMs: source.retentionMs,
      }),
    })),
  );
  const streams = Object.fromEntries(created.map(({ source, stream }) => [source.name, stream.streamName]));
  const { aggregate, infer } = await startFunctions({
    functions,
    definitionsFile,
    hasModels: definitions.models.length > 0,
    endpoints,
    table: TABLE,
    streams,
    clock,
    objectStore,
    metrics: options.onMetrics ?? (() => {}),
    onPrediction: options.onPrediction,
    logger,
  });
  onStop(() => infer.close());

  const onFailure = (error: unknown) => logger.error("the local runtime failed at something", { error });
  const feeds = new Map<string, Awaited<ReturnType<typeof startFeed>>>();
  const startFeed = async ({ source, stream }: (typeof created)[number]) => {
    const { streamName, streamArn } = stream;
    const mapping = await startEventSourceMapping({
      kinesis,
      streamName,
      streamArn,
      handler: aggregate,
      batchSize,
      batchingWindowMs,
      onFailure: (failure) => logger.warn(retryMessage(failure), { source: source.name, ...failure }),
      onHandled: createTrimmer({ server: kinesalite, streamName, keepRecords, onFailure }),
    });
    onStop(mapping.stop);
    // kinesalite takes a request whole or not at all.
    const producer = createStreamProducer({ kinesis, streamName, source, refusesSingleRecords: false });
    return { source, mapping, producer, put: 0 };
  };
  for (const each of created) feeds.set(each.source.name, await startFeed(each));

  const heartbeats = startHeartbeats({
    targets: [...feeds.values()].map(({ source, producer, mapping }) => ({
      slaMs: tightestSlaMs(definitions, source),
      beat: async (sentAtMs: number) => {
        const sent = await producer.beat(sentAtMs);
        mapping.wake();
        return sent;
      },
    })),
    clock,
    onFailure,
  });
  onStop(heartbeats.stop);
  const api = await serve(
    createAdaptorServer({ fetch: infer.app.fetch }) as Parameters<typeof listenLocally>[0],
    port,
  );
  onStop(api.stop);

  const store = createDynamoStateStore({ client: dynamo, table: TABLE });
  return {
    url: api.endpoint,
    definitions,
    plans: definitions.views.map(planView),
    endpoints,
    table: TABLE,
    streams,
    store,
    reader: createReader({ store, clock }),
    objectStore,
    async put(sourceName, rows) {
      const feed = feeds.get(sourceName);
      if (feed === undefined) {
        throw new FreshetError(
          "OPTION_INVALID",
          `there is no source ${JSON.stringify(sourceName)}; the definitions have ${[...feeds.keys()].join(", ")}.`,
        );
      }
      await feed.producer.put(rows);
      feed.put += rows.length;
      feed.mapping.wake();
      await heartbeats.beatIfDue();
    },
    heartbeat: heartbeats.beatNow,
    drain: async () => {
      await Promise.all([...feeds.values()].map(({ mapping }) => mapping.drained()));
    },
    stats: () => ({
      streams: Object.fromEntries(
        [...feeds].map(([name, { put, mapping }]) => [name, { put, shards: mapping.stats() }]),
      ),
      heartbeats: heartbeats.sent,
    }),
  };
}

async function serve(server: Parameters<typeof listenLocally>[0], port: number): Promise<EmbeddedServer> {
  try {
    return await listenLocally(server, port);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    throw new FreshetError(
      "PORT_IN_USE",
      `port ${port} of 127.0.0.1 is in use; name another, or 0 for any that is free.`,
      {
        cause,
      },
    );
  }
}

/** A source that no view reads needs no heartbeats more often than a day. */
function tightestSlaMs({ views }: Definitions, source: Source): number {
  return Math.min(
    86_400_000,
    ...views.filter((view) => view.source.name === source.name).map(({ slaMs }) => slaMs),
  );
}

function retryMessage({ during, shardId, attempt }: PollerFailure): string {
  return `${during === "read" ? "reading" : "a batch of"} ${shardId} failed ${attempt} times in a row and will be tried again`;
}
