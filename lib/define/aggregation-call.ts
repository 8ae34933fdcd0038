import type { Where } from "./where.ts";

/** What an aggregation reads from a row: a field, or a pure function of the row. */
export type ValueExpression =
  | { readonly kind: "field"; readonly field: string }
  | { readonly kind: "function"; readonly apply: (row: Readonly<Record<string, unknown>>) => unknown };

/** The names of the aggregations that the engine has (one file each in `lib/engine/aggregations`). */
export type AggregationName =
  | "count"
  | "sum"
  | "mean"
  | "min"
  | "max"
  | "last"
  | "share"
  | "approxDistinct"
  | "approxPercentile";

/** One aggregation as a definition asks for it: which, over what value, of which rows. */
export interface AggregationCall {
  readonly name: AggregationName;
  /** The value to aggregate; null where the aggregation needs none (`count`, `share`). A null value is skipped. */
  readonly value: ValueExpression | null;
  /** Which rows count; null for all. */
  readonly where: Where | null;
  /** Settings such as a percentile's `p`. */
  readonly parameters: Readonly<Record<string, number>>;
}
