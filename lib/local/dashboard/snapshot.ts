/** What the live page shows, once a second: plain JSON, whole each time, so that a page may come and go. Times are ms. */
export interface LiveSnapshot {
  /** By the machine's clock. */
  readonly takenAtMs: number;
  readonly startedAtMs: number;
  readonly clock: PipelineClock;
  readonly throughput: Throughput;
  readonly totals: PipelineTotals;
  /** In the order of the definitions. */
  readonly views: readonly ViewState[];
  /** The pipeline's stages, then the API's routes, busiest first. */
  readonly latencies: readonly LatencyRow[];
  readonly busiest: readonly BusyView[];
  /** Newest first. */
  readonly predictions: readonly RecentPrediction[];
  /** Most frequent first. */
  readonly setAside: readonly SetAsideReason[];
  /** Why views' freshness or tiles could not be read, where they could not. */
  readonly problem: string | null;
}

/** The clock that lag and every rule go by: a replay's may run faster than the machine's, or stand still. */
export interface PipelineClock {
  readonly nowMs: number;
  /** How many times as fast as the machine's clock it ran lately; null until that is known. */
  readonly speed: number | null;
}

/** Events (heartbeats aside) handled in the buckets that end at `endMs`, oldest first. */
export interface Throughput {
  readonly endMs: number;
  readonly bucketMs: number;
  readonly events: readonly number[];
  readonly perSecond: number;
}

/** Since the server started, redelivered records again: at least once, as batch reports are. */
export interface PipelineTotals {
  readonly events: number;
  readonly heartbeats: number;
  readonly batches: number;
  readonly unfinishedBatches: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly throttles: number;
}

export type ViewStatus = "fresh" | "stale" | "unknown" | "warming";

export interface ViewState {
  /** `name@version`. */
  readonly id: string;
  readonly description: string | null;
  readonly status: ViewStatus;
  /** Whether a window may lack events from before it began, whatever its status; null: not known. */
  readonly warming: boolean | null;
  /** Null when it is not known. */
  readonly lagMs: number | null;
  readonly slaMs: number;
  /** Lag while somebody watched, oldest first. */
  readonly lagHistory: readonly LagSample[];
  readonly eventsPerSecond: number;
  readonly counts: ViewOutcomeCounts;
}

/** When it was read, by the machine's clock, and the lag then. */
export type LagSample = readonly [atMs: number, lagMs: number | null];

/** What became of the view's events since the server started (R12). */
export interface ViewOutcomeCounts {
  readonly folded: number;
  readonly duplicate: number;
  readonly late: number;
  readonly quarantined: number;
  readonly excluded: number;
}

/** Percentiles of the last five minutes, null where nothing was measured. */
export interface LatencyRow {
  readonly name: string;
  readonly kind: "pipeline" | "request";
  /** Measurements that the percentiles are of. */
  readonly samples: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Of requests since the server started: those answered with 5xx. */
  readonly failed: number;
}

/** The entities of a view that most events came for lately. */
export interface BusyView {
  readonly view: string;
  /** What the tiles hold: an aggregation's name, such as `count` or `sum of amount`. */
  readonly measure: string;
  readonly tileMs: number;
  /** Whether tiles add up: counts and sums. */
  readonly adds: boolean;
  readonly entities: readonly BusyEntity[];
}

export interface BusyEntity {
  /** The key's values in the order of the entity; empty for a view with no entity. */
  readonly key: readonly string[];
  /** The newest tiles, oldest first; null: a tile without a value. */
  readonly tiles: readonly (number | null)[];
  /** Start of the last tile. */
  readonly lastTileMs: number;
}

/** A request that was answered with predictions; of a batch, all but `entities` is of the first that was scored. */
export interface RecentPrediction {
  /** Counted since the server started: a client may choose the id of a request, and use one again. */
  readonly number: number;
  readonly requestId: string;
  /** Entities scored for the request. */
  readonly entities: number;
  /** As-of time of what was served. */
  readonly asOfMs: number;
  /** The model that scored, `name@version`. */
  readonly model: string;
  readonly score: number;
  readonly policy: "serve" | "default" | "fallback";
  /** The values of its keys, each once. */
  readonly keys: readonly string[];
  /** The views, by `name@version`, that were not fresh. */
  readonly notFresh: readonly { readonly view: string; readonly status: ViewStatus }[];
}

/** Entries of records that were set aside for one reason; a late record has one in each view it is late for. */
export interface SetAsideReason {
  readonly source: string;
  readonly reason: string;
  readonly count: number;
  /** Of the last one. */
  readonly detail: string;
  readonly arrivalMs: number;
}
