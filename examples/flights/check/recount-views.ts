/** How near an answer must come to the recount. */
export type Agreement =
  /** Counts and extrema: equal. */
  | "exact"
  /** Sums of floats: within 1e-9 relative. */
  | "rounding"
  /** A difference of two such floats, which may cancel: within 1e-9 of a minute. */
  | "difference"
  /** The quantile sketch: within 1 % of the value, zero exact. */
  | "quantile-sketch"
  /** The distinct-count sketch: within five standard errors. */
  | "distinct-sketch";

/** A feature before its window: an aggregate in SQL over the window's events. */
export interface RecountedMeasure {
  readonly sql: (inWindow: string) => string;
  /** What an empty window answers. */
  readonly empty: 0 | null;
  readonly agreement: Agreement;
}

const filtered =
  (aggregate: string) =>
  (inWindow: string): string =>
    `${aggregate} FILTER (WHERE ${inWindow})`;

const COUNT: RecountedMeasure = { sql: filtered("count(*)"), empty: 0, agreement: "exact" };
const MEAN_DELAY: RecountedMeasure = { sql: filtered("avg(delay)"), empty: null, agreement: "rounding" };
const LATE_SHARE: RecountedMeasure = {
  sql: filtered("avg(CAST(delay > 15 AS INTEGER))"),
  empty: null,
  agreement: "rounding",
};
const MAX_DELAY: RecountedMeasure = { sql: filtered("max(delay)"), empty: null, agreement: "exact" };
/** The value at 0-based rank floor(0.9 * (n - 1)); lists are 1-based, and a bare 0.9 would be a decimal. */
const P90_DELAY: RecountedMeasure = {
  sql: (inWindow) =>
    `list_extract(list_sort(list(delay) FILTER (WHERE ${inWindow})), 1 + CAST(floor(CAST(0.9 AS DOUBLE) *
       (count(*) FILTER (WHERE ${inWindow}) - 1)) AS BIGINT))`,
  empty: null,
  agreement: "quantile-sketch",
};
const DISTINCT_ORIGINS: RecountedMeasure = {
  sql: filtered("count(DISTINCT origin)"),
  empty: 0,
  agreement: "distinct-sketch",
};

const HOUR_MS = 3_600_000;
const WINDOWS = {
  "1h": { widthMs: HOUR_MS, hopMs: HOUR_MS / 12 },
  "3h": { widthMs: 3 * HOUR_MS, hopMs: HOUR_MS / 12 },
  "24h": { widthMs: 24 * HOUR_MS, hopMs: HOUR_MS },
} as const;

interface RecountedViewSpecification {
  readonly stream: "departures" | "arrivals";
  readonly key: readonly string[];
  readonly measures: Readonly<Record<string, RecountedMeasure>>;
  readonly windows: readonly (keyof typeof WINDOWS)[];
}

/** The views of the example, written down a second time for the recount. */
export const RECOUNTED_VIEWS = {
  origin_departures: {
    stream: "departures",
    key: ["origin"],
    measures: { departures: COUNT },
    windows: ["1h", "3h", "24h"],
  },
  destination_arrivals: {
    stream: "arrivals",
    key: ["destination"],
    measures: {
      arrivals: COUNT,
      delay_mean: MEAN_DELAY,
      late_share: LATE_SHARE,
      delay_max: MAX_DELAY,
      delay_p90: P90_DELAY,
    },
    windows: ["1h", "3h", "24h"],
  },
  origin_arrivals: {
    stream: "arrivals",
    key: ["origin"],
    measures: { landed: COUNT, delay_mean: MEAN_DELAY, late_share: LATE_SHARE },
    windows: ["1h", "3h", "24h"],
  },
  route_departures: {
    stream: "departures",
    key: ["origin", "destination"],
    measures: { departures: COUNT },
    windows: ["3h", "24h"],
  },
  network: {
    stream: "arrivals",
    key: [],
    measures: { active_origins: DISTINCT_ORIGINS, delay_mean: MEAN_DELAY },
    windows: ["1h"],
  },
} as const satisfies Record<string, RecountedViewSpecification>;

export type RecountedView = keyof typeof RECOUNTED_VIEWS;

export const RECOUNTED_VIEW_NAMES = Object.keys(RECOUNTED_VIEWS) as readonly RecountedView[];

/** A value for each view. */
export function forEachView<Value>(
  make: (view: RecountedView) => Value,
): Readonly<Record<RecountedView, Value>> {
  return Object.fromEntries(RECOUNTED_VIEW_NAMES.map((view) => [view, make(view)])) as Record<
    RecountedView,
    Value
  >;
}

/** A feature of the recount: its name, its SQL column, and how an answer is compared with it. */
export interface RecountedFeature extends RecountedMeasure {
  readonly name: string;
  readonly window: { readonly widthMs: number; readonly hopMs: number };
}

/** The features of a view in the order of its measures and windows. */
export function recountedFeatures(view: RecountedView): readonly RecountedFeature[] {
  const { measures, windows }: RecountedViewSpecification = RECOUNTED_VIEWS[view];
  return Object.entries(measures).flatMap(([measure, specification]) =>
    windows.map((window) => ({ ...specification, name: `${measure}_${window}`, window: WINDOWS[window] })),
  );
}

/** The start of a sliding window at `asOfMs`: its tail moves by whole hops. */
export function windowStartMs(window: RecountedFeature["window"], asOfMs: number): number {
  return Math.floor((asOfMs - window.widthMs) / window.hopMs) * window.hopMs;
}

/** One row for each entity with an event put before `asOfMs`: its key, then its features. */
export function recountSql(view: RecountedView, asOfMs: number): string {
  const { key }: RecountedViewSpecification = RECOUNTED_VIEWS[view];
  const columns = recountedFeatures(view).map(
    ({ name, window, sql }) => `CAST(${sql(`t >= ${windowStartMs(window, asOfMs)}`)} AS DOUBLE) AS ${name}`,
  );
  const grouping = key.length === 0 ? "HAVING count(*) > 0" : `GROUP BY ${key.join(", ")}`;
  return `SELECT ${[...key, ...columns].join(", ")} FROM ${view} WHERE put < ${asOfMs} ${grouping}`;
}
