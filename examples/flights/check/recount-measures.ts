/** How near an answer must come to the recount. */
export type Agreement =
  /** Counts, extrema and values taken as they are: equal. */
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
  /** @param inWindow - A condition on a row: its event lies in the window. */
  readonly sql: (inWindow: string, asOfMs: number) => string;
  /** How many numbers the result has at most, where it is a list of them. */
  readonly most?: number;
  /** What an empty window answers. */
  readonly empty: 0 | null;
  readonly agreement: Agreement;
}

/** An aggregate of the rows in the window alone. */
const filtered =
  (aggregate: string) =>
  (inWindow: string): string =>
    `${aggregate} FILTER (WHERE ${inWindow})`;

export const COUNT: RecountedMeasure = { sql: filtered("count(*)"), empty: 0, agreement: "exact" };
export const MEAN_DELAY: RecountedMeasure = {
  sql: filtered("avg(delay)"),
  empty: null,
  agreement: "rounding",
};
export const LATE_SHARE: RecountedMeasure = {
  sql: filtered("avg(CAST(delay > 15 AS INTEGER))"),
  empty: null,
  agreement: "rounding",
};
export const MAX_DELAY: RecountedMeasure = { sql: filtered("max(delay)"), empty: null, agreement: "exact" };
/** The value at 0-based rank floor(0.9 * (n - 1)); lists are 1-based, and a bare 0.9 would be a decimal. */
export const P90_DELAY: RecountedMeasure = {
  sql: (inWindow) =>
    `list_extract(list_sort(list(delay) FILTER (WHERE ${inWindow})), 1 + CAST(floor(CAST(0.9 AS DOUBLE) *
       (count(*) FILTER (WHERE ${inWindow}) - 1)) AS BIGINT))`,
  empty: null,
  agreement: "quantile-sketch",
};
export const DISTINCT_ORIGINS: RecountedMeasure = {
  sql: filtered("count(DISTINCT origin)"),
  empty: 0,
  agreement: "distinct-sketch",
};

/** Latest first; those that land in the same minute in the order that {@link eventHash} gives them. */
export const LAST_THREE_DELAYS: RecountedMeasure = {
  sql: (inWindow) => `list_slice(list(delay ORDER BY t DESC, hash DESC) FILTER (WHERE ${inWindow}), 1, 3)`,
  most: 3,
  empty: null,
  agreement: "exact",
};

/** The events of a condition, each halved with every half-life of its age. */
export function decayedCount(condition: string, halfLifeMs: number): RecountedMeasure {
  return {
    sql: (inWindow, asOfMs) =>
      `coalesce(sum(pow(CAST(0.5 AS DOUBLE), CAST(${asOfMs} - t AS DOUBLE) / ${halfLifeMs}))
         FILTER (WHERE ${inWindow} AND ${condition}), 0)`,
    empty: 0,
    agreement: "rounding",
  };
}
