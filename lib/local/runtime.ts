import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Row } from "../client/put/encode-events.ts";
import { FreshetError } from "../define/error.ts";
import type { Definitions, Source } from "../define/types.ts";
import { planView, type ViewPlan } from "../engine/plan.ts";
import { systemClock } from "../engine/ports/clock.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import { createDynamoStateStore } from "../online/dynamo-state-store.ts";
import { createReader, type FeatureReader } from "../online/reader.ts";
import type { StateStore } from "../online/state-store.ts";
import { createDashboard } from "./dashboard/dashboard.ts";
import { createFailureGuard, type FailureGuard } from "./durable/failure-guard.ts";
import { startEmbeddedServers } from "./embedded-servers.ts";
import { bundleFunctions, startFunctions } from "./functions.ts";
import { startHeartbeats } from "./heartbeats.ts";
import { loadDefinitions } from "./load-definitions.ts";
import { createMemoryObjectStore } from "./memory-object-store.ts";
import { withoutNodeVersionNotice } from "./node-version-notice.ts";
import { openState } from "./open-state.ts";
import { MAX_BATCH_SIZE, MAX_BATCHING_WINDOW_MS } from "./poller/mapping-options.ts";
import type { RawRecord } from "./producer/stream-producer.ts";
import { type LocalRuntimeOptions, requireRuntimeOptions, requireWholeNumber } from "./runtime-options.ts";
import { serveApi } from "./serve-api.ts";
import { createShutdown, type Shutdown } from "./shutdown.ts";
import { createStandardErrorLogger, type LocalLogger } from "./standard-error-logger.ts";
import { type StreamFeed, type StreamStats, startStreamFeed } from "./stream-feed.ts";

/** The embedded table's name. */
const TABLE = "freshet";

/** What went through a {@link LocalRuntime} since it began. */
export interface LocalRuntimeStats {
  /** By source. */
  readonly streams: Readonly<Record<string, StreamStats>>;
  /** Heartbeats sent, one a shard. */
  readonly heartbeats: number;
}

/** A pipeline running in this process. */
export interface LocalRuntime {
  /** Where the API answers, and at `/` the live page. */
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
  /** Whether a state folder was gone on with; what has been put to its streams is in `stats`. */
  readonly resumed: boolean;
  /**
   * Puts events of a source, in order per partition key, and the heartbeats that have become due behind them.
   * @throws FreshetError `OPTION_INVALID` for a source that there is not, `REQUEST_INVALID` for a row that does not fit
   * its schema: nothing is put then.
   */
  put(source: string, rows: readonly Row[]): Promise<void>;
  /**
   * Puts records to a source's stream as they are, as a producer past this runtime might: what they hold is not checked,
   * so that some may end in quarantine. Then the heartbeats that have become due.
   * @throws FreshetError `OPTION_INVALID` for a source that there is not.
   */
  putRecords(source: string, records: readonly RawRecord[]): Promise<void>;
  /** Puts a heartbeat to every shard, stating the clock's time, behind everything put before. */
  heartbeat(): Promise<void>;
  /**
   * Resolves when everything put before has been folded, or set aside; a state folder then holds it even if the power
   * fails.
   * @throws FreshetError `STATE_FOLDER_UNWRITABLE`, `OBJECT_STORE_UNWRITABLE` when the state folder cannot be written
   * any more, as all that writes does then. The runtime can only be stopped, and what was acknowledged is kept.
   */
  drain(): Promise<void>;
  /** What went through it until now. */
  stats(): LocalRuntimeStats;
  /** Ends everything: requests and batches under way are finished, and what is in memory alone is gone. */
  stop(): Promise<void>;
}

/**
 * Runs a pipeline in this process: an in-memory Kinesis and DynamoDB, the functions that would be deployed, bundled,
 * fed as Lambda's event source mapping feeds them, and the API and a live page on 127.0.0.1.
 *
 * @throws FreshetError `OPTION_INVALID`, `PORT_IN_USE`, `BUNDLE_FAILED`, what loading the definitions throws, and what
 * loading their models throws; with a folder, `STATE_FOLDER_MISMATCH`, `STATE_FOLDER_IN_USE`, `STATE_FOLDER_CORRUPT`,
 * `STATE_FOLDER_EXPIRED` and `STATE_FOLDER_UNWRITABLE`. Nothing is left running then.
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
  requireRuntimeOptions(options);
  const { shards = 2, port = 0, keepRecords = 100_000, batchSize = 1_000, batchingWindowMs = 0 } = options;
  requireWholeNumber("shards", shards, 1, 500);
  requireWholeNumber("port", port, 0, 65_535);
  requireWholeNumber("keepRecords", keepRecords, 0, Number.MAX_SAFE_INTEGER);
  requireWholeNumber("batchSize", batchSize, 1, MAX_BATCH_SIZE);
  requireWholeNumber("batchingWindowMs", batchingWindowMs, 0, MAX_BATCHING_WINDOW_MS);
  if (options.serverThread && options.folder !== undefined)
    throw new FreshetError(
      "OPTION_INVALID",
      "serverThread is true and folder is given; only one of them may be.",
    );
  withoutNodeVersionNotice();

  const shutdown = createShutdown();
  try {
    const runtime = await start(
      { ...options, shards, port, keepRecords, batchSize, batchingWindowMs },
      shutdown,
    );
    return { ...runtime, stop: shutdown.run };
  } catch (error) {
    // Why it did not start matters more than what did not stop.
    await shutdown.run().catch(() => {});
    throw error;
  }
}

/** Options with what has a plain default filled in. */
type Settings = LocalRuntimeOptions &
  Required<Pick<LocalRuntimeOptions, "shards" | "port" | "keepRecords" | "batchSize" | "batchingWindowMs">>;

async function start(options: Settings, shutdown: Shutdown): Promise<Omit<LocalRuntime, "stop">> {
  const { shards, port, clock = systemClock } = options;
  const { definitionsFile: given } = options;
  const definitionsFile = resolve(typeof given === "string" ? given : fileURLToPath(given));
  const definitions = await loadDefinitions(definitionsFile);
  const guard = createFailureGuard();
  const logger = quietAfterFailure(options.logger ?? createStandardErrorLogger(), guard);
  const { folder } = options;
  const state =
    folder === undefined ? null : await openState({ folder, definitions, shards, onFailure: guard.fail });
  if (state !== null) shutdown.add(state.close);
  const functions = await bundleFunctions(definitionsFile);
  const resumed = state?.journal.begun ?? false;
  const objectStore = options.objectStore ?? state?.objectStore ?? createMemoryObjectStore();
  const servers = await startEmbeddedServers({
    sources: definitions.sources,
    shards,
    table: TABLE,
    state,
    thread: options.serverThread ?? false,
    shutdown,
  });
  const { endpoints, dynamo } = servers;
  const plans = definitions.views.map(planView);
  const store = createDynamoStateStore({ client: dynamo, table: TABLE });
  const title = join(basename(dirname(definitionsFile)), basename(definitionsFile));
  const dashboard = createDashboard({ plans, store, clock, title, logger });
  const streams = Object.fromEntries(
    servers.streams.map(({ source, stream }) => [source.name, stream.streamName]),
  );
  const { aggregate, infer } = await startFunctions({
    functions,
    definitionsFile,
    hasModels: definitions.models.length > 0,
    endpoints,
    table: TABLE,
    streams,
    clock,
    objectStore: dashboard.setAside(objectStore),
    metrics: dashboard.batches(options.onMetrics),
    onPrediction: dashboard.predictions(options.onPrediction),
    logger: dashboard.requests(logger),
  });
  shutdown.add(infer.close);

  const feeds = new Map<string, StreamFeed>();
  for (const { source, stream } of servers.streams) {
    const { batchSize, batchingWindowMs, keepRecords } = options;
    const limits = { batchSize, batchingWindowMs, keepRecords };
    const feed = await startStreamFeed({
      server: servers,
      kinesis: servers.kinesis,
      source,
      stream,
      state,
      handler: dashboard.deliveries(source, aggregate),
      logger,
      ...limits,
    });
    shutdown.add(feed.stop);
    feeds.set(source.name, feed);
  }
  const heartbeats = startHeartbeats({
    targets: [...feeds.values()].map(({ source, beat }) => ({
      beat,
      slaMs: tightestSlaMs(definitions, source),
    })),
    clock,
    onFailure: (error) => logger.error("a heartbeat could not be sent and is due again", { error }),
  });
  shutdown.add(heartbeats.stop);
  const api = await serveApi({ app: dashboard.before(infer.app), port });
  // At once, so that what is sent while the connections end is told to go elsewhere.
  shutdown.add(() => Promise.all([infer.close(), api.stop()]));
  shutdown.add(dashboard.stop);

  const feedOf = (sourceName: string): StreamFeed => {
    const feed = feeds.get(sourceName);
    if (feed === undefined) throw unknownSource(sourceName, [...feeds.keys()]);
    return feed;
  };
  return {
    url: api.endpoint,
    definitions,
    plans,
    endpoints,
    table: TABLE,
    streams,
    store,
    reader: createReader({ store, clock }),
    objectStore,
    resumed,
    put: (sourceName, rows) =>
      guard.run(async () => {
        await feedOf(sourceName).put(rows);
        await heartbeats.beatIfDue();
      }),
    putRecords: (sourceName, records) =>
      guard.run(async () => {
        await feedOf(sourceName).putRecords(records);
        await heartbeats.beatIfDue();
      }),
    heartbeat: () => guard.run(heartbeats.beatNow),
    drain: () =>
      guard.run(async () => {
        await Promise.all([...feeds.values()].map((feed) => feed.drained()));
        state?.journal.sync();
      }),
    stats: () => ({
      streams: Object.fromEntries([...feeds].map(([name, feed]) => [name, feed.stats()])),
      heartbeats: heartbeats.sent,
    }),
  };
}

/** What fails after the state folder did, fails for that. */
function quietAfterFailure(logger: LocalLogger, guard: FailureGuard): LocalLogger {
  return {
    info: (message, fields) => logger.info(message, fields),
    warn: (message, fields) => {
      if (guard.failure === null) logger.warn(message, fields);
    },
    error: (message, fields) => {
      if (guard.failure === null) logger.error(message, fields);
    },
  };
}

function unknownSource(name: string, known: readonly string[]): FreshetError {
  return new FreshetError(
    "OPTION_INVALID",
    `there is no source ${JSON.stringify(name)}; the definitions have ${known.join(", ")}.`,
  );
}

/** Of a source that no view reads, once a day. */
const UNREAD_SLA_MS = 86_400_000;

function tightestSlaMs({ views }: Definitions, source: Source): number {
  const own = views.filter((view) => view.source.name === source.name);
  return Math.min(UNREAD_SLA_MS, ...own.map(({ slaMs }) => slaMs));
}
