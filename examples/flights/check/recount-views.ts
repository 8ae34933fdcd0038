import {
  COUNT,
  DISTINCT_ORIGINS,
  decayedCount,
  LAST_THREE_DELAYS,
  LATE_SHARE,
  MAX_DELAY,
  MEAN_DELAY,
  P90_DELAY,
  type RecountedMeasure,
} from "./recount-measures.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WINDOWS = {
  "1h": { widthMs: HOUR_MS, hopMs: HOUR_MS / 12 },
  "3h": { widthMs: 3 * HOUR_MS, hopMs: HOUR_MS / 12 },
  "24h": { widthMs: DAY_MS, hopMs: HOUR_MS },
  /** Everything that the replay has put. */
  lifetime: { widthMs: Number.POSITIVE_INFINITY, hopMs: DAY_MS },
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
  route_arrivals: {
    stream: "arrivals",
    key: ["origin", "destination"],
    measures: {
      flights: decayedCount("true", 7 * DAY_MS),
      late: decayedCount("delay > 15", 7 * DAY_MS),
      delays: LAST_THREE_DELAYS,
    },
    windows: ["lifetime"],
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
  return Object.entries(measures).flatMap(([name, measure]) =>
    windows.map((window) => ({ ...measure, name: `${name}_${window}`, window: WINDOWS[window] })),
  );
}

/** The start of a window at `asOfMs`: the tail of a sliding one moves by whole hops, a lifetime has none. */
function windowStartMs(window: RecountedFeature["window"], asOfMs: number): number {
  return Math.floor((asOfMs - window.widthMs) / window.hopMs) * window.hopMs;
}

/** One row for each entity with an event put before `asOfMs`: its key, then its features. */
export function recountSql(view: RecountedView, asOfMs: number): string {
  const { key }: RecountedViewSpecification = RECOUNTED_VIEWS[view];
  const columns = recountedFeatures(view).map(({ name, window, sql, most }) => {
    const startMs = windowStartMs(window, asOfMs);
    const inWindow = Number.isFinite(startMs) ? `t >= ${startMs}` : "true";
    return `CAST(${sql(inWindow, asOfMs)} AS ${most === undefined ? "DOUBLE" : "DOUBLE[]"}) AS ${name}`;
  });
  const grouping = key.length === 0 ? "HAVING count(*) > 0" : `GROUP BY ${key.join(", ")}`;
  return `SELECT ${[...key, ...columns].join(", ")} FROM ${view} WHERE put < ${asOfMs} ${grouping}`;
}
