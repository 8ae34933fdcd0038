import type { Where } from "./where.ts";

/** What an aggregation reads from a row: a field, or a pure function of the row. */
export type ValueExpression =
  | { readonly kind: "field"; readonly field: string }
  | {
      readonly kind: "function";
      /** Pure. Null or undefined skips the row. */
      readonly apply: (row: Readonly<Record<string, unknown>>) => unknown;
    };

/** The names of the aggregations that the engine has (one file each in `lib/engine/aggregations`). */
export type AggregationName =
  | "count"
  | "sum"
  | "mean"
  | "min"
  | "max"
  | "variance"
  | "stddev"
  | "skew"
  | "kurtosis"
  | "first"
  | "last"
  | "firstK"
  | "lastK"
  | "topK"
  | "bottomK"
  | "share"
  | "rate"
  | "timeSinceLast"
  | "distinct"
  | "approxDistinct"
  | "approxPercentile"
  | "approxTopK"
  | "histogram"
  | "expDecaySum"
  | "expDecayCount";

/** Settings of an aggregation; each takes its own. */
export interface AggregationParameters {
  /** `approxPercentile`: the fraction of the values below the answer, 0 to 1. */
  readonly p?: number;
  /** `firstK`, `lastK`, `topK`, `bottomK`, `approxTopK`: how many to answer. */
  readonly k?: number;
  /** `distinct`: the most that it tells apart. */
  readonly max?: number;
  /** `approxTopK`: how many values a tile counts. */
  readonly capacity?: number;
  /** `histogram`: where buckets meet, ascending. */
  readonly edges?: readonly number[];
  /** `rate`: the unit of time. */
  readonly perMs?: number;
  /** `expDecaySum`, `expDecayCount`: the age at which an event counts half. */
  readonly halfLifeMs?: number;
}

/** One aggregation as a definition asks for it: which, over what value, of which rows. */
export interface AggregationCall {
  readonly name: AggregationName;
  /** The value to aggregate; null where the aggregation needs none (`count`, `share`). A null value is skipped. */
  readonly value: ValueExpression | null;
  /** Which rows count; null for all. */
  readonly where: Where | null;
  readonly parameters: AggregationParameters;
  /** One result for each of at most `maxKeys` values of a field. Absent: one for all. */
  readonly by?: { readonly field: string; readonly maxKeys: number };
}
