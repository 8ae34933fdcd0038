import type { Source } from "../../define/types.ts";
import type { ViewPlan } from "../../engine/plan.ts";
import { type Clock, systemClock } from "../../engine/ports/clock.ts";
import type { ObjectStore } from "../../engine/ports/object-store.ts";
import type { BatchReporter } from "../../online/batch-report.ts";
import { createReader } from "../../online/reader.ts";
import type { StateStore } from "../../online/state-store.ts";
import type { PredictionLog } from "../../serve/prediction-log.ts";
import type { KinesisBatchHandler } from "../poller/kinesis-batch-handler.ts";
import type { LocalLogger } from "../standard-error-logger.ts";
import { createBatchTotals } from "./collect/batches.ts";
import { createDeliveries } from "./collect/deliveries.ts";
import { createPredictions } from "./collect/predictions.ts";
import { createRequests } from "./collect/requests.ts";
import { createSetAside } from "./collect/set-aside.ts";
import { createLivePage, type LivePage } from "./routes.ts";
import { createSnapshotFeed } from "./snapshot-feed.ts";
import { createSnapshots } from "./take-snapshot.ts";

/** The live page of a runtime, and the observers that feed it: each does as what it is given does. */
export interface Dashboard {
  readonly batches: (reporter: BatchReporter | undefined) => BatchReporter;
  readonly predictions: (log: PredictionLog | undefined) => PredictionLog;
  readonly requests: (logger: LocalLogger) => LocalLogger;
  readonly setAside: (objectStore: ObjectStore) => ObjectStore;
  readonly deliveries: (source: Source, handler: KinesisBatchHandler) => KinesisBatchHandler;
  /** An app that answers the page's paths itself, and leaves every other to the API. */
  readonly before: (api: FetchApp) => FetchApp;
  /** Ends the streams of pages that watch. */
  readonly stop: () => void;
}

/** What a server serves; the environment is the server's own. */
export interface FetchApp {
  readonly fetch: (request: Request, environment?: object) => Response | Promise<Response>;
}

const EVERY_MS = 1_000;

/**
 * Makes the live page of a runtime. What it keeps is bounded, and it reads the store only while a page is open.
 *
 * @param options.clock - the pipeline's, which lag goes by.
 * @param options.wallClock - the machine's, which throughput and latency go by.
 */
export function createDashboard(options: {
  readonly plans: readonly ViewPlan[];
  readonly store: StateStore;
  readonly clock: Clock;
  readonly title: string;
  readonly logger: LocalLogger;
  /** @default the machine's clock */
  readonly wallClock?: Clock;
}): Dashboard {
  const { plans, store, clock, title, logger, wallClock = systemClock } = options;
  // Remembers nothing: on a replay's clock that stands still it would for ever.
  const reader = createReader({ store, clock, controlMs: 0, progressMs: 0 });
  const batches = createBatchTotals({ plans, wallClock });
  const deliveries = createDeliveries({ plans, wallClock });
  const requests = createRequests({ wallClock });
  const predictions = createPredictions();
  const setAside = createSetAside();
  const feed = createSnapshotFeed({
    take: createSnapshots({
      plans,
      reader,
      clock,
      wallClock,
      batches,
      deliveries,
      requests,
      predictions,
      setAside,
    }),
    everyMs: EVERY_MS,
    onFailure: (error) => logger.error("a snapshot of the live page failed", { error }),
  });
  const livePage = createLivePage({ feed, title });
  return {
    batches: (reporter) => (report) => {
      batches.report(report);
      reporter?.(report);
    },
    predictions: (log) => (entry) => {
      predictions.note(entry);
      return log?.(entry);
    },
    requests: requests.observe,
    setAside: setAside.observe,
    deliveries: deliveries.observe,
    before: (api) => servedBefore(livePage, api),
    stop() {
      feed.stop();
      livePage.stop();
    },
  };
}

function servedBefore(livePage: LivePage, api: FetchApp): FetchApp {
  return {
    fetch: (request, environment) => (livePage.owns(request) ? livePage : api).fetch(request, environment),
  };
}
