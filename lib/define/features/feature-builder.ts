import type { AggregationName } from "../aggregation-call.ts";
import type { EnumFieldOf, FieldOf, ScalarOf } from "../row.ts";
import type { FeatureValue } from "../types.ts";
import type { Scalar } from "../where.ts";
import type { WhereOption } from "./filter.ts";
import { type Windowless, windowed } from "./windowed-feature.ts";

/** A number to aggregate: a numeric field, or a pure function of the row. Null skips the row. */
export type NumberOption<Row> = FieldOf<Row, number> | ((row: Readonly<Row>) => number | null);

/** What every aggregation may be given. */
export interface AggregationOptions<Row, By, Default> {
  /** Which rows count. */
  readonly where?: WhereOption<Row>;
  /** An enum field: one feature for each of its values, named `channel_1h.web`. */
  readonly by?: By;
  /** The value for an empty window, instead of 0 for counts and null for the others (R7). */
  readonly default?: Default;
}

// The enum values of a `by` field; never where there is none, so that names get no bucket.
type BucketOf<Row, By extends keyof Row> = [By] extends [never] ? never : NonNullable<Row[By]> & string;

/** Aggregates numbers; null for an empty window, unless there is a default. */
type NumberAggregation<Row> = <
  const By extends EnumFieldOf<Row> = never,
  Default extends number | null = null,
>(
  value: NumberOption<Row>,
  options?: AggregationOptions<Row, By, Default>,
) => Windowless<number | Default, BucketOf<Row, By>>;

/**
 * The `t` of a view's features: one method an aggregation, typed by the row.
 *
 * @example
 * ```ts
 * features: (t) => ({
 *   spend: t.sum("amount").over("5m", "1h"),              // spend_5m, spend_1h
 *   channel: t.sum("amount", { by: "channel" }).over("1h"), // channel_1h.web, channel_1h.pos
 * })
 * ```
 */
export interface FeatureBuilder<Row> {
  /** How many events. */
  count<const By extends EnumFieldOf<Row> = never, Default extends number | null = number>(
    options?: AggregationOptions<Row, By, Default>,
  ): Windowless<number | Default, BucketOf<Row, By>>;
  readonly sum: NumberAggregation<Row>;
  readonly mean: NumberAggregation<Row>;
  readonly min: NumberAggregation<Row>;
  readonly max: NumberAggregation<Row>;
  /** The value of the event of the latest event time. */
  last<
    Field extends FieldOf<Row, Scalar>,
    const By extends EnumFieldOf<Row> = never,
    Default extends ScalarOf<Row, Field> | null = null,
  >(
    field: Field,
    options?: AggregationOptions<Row, By, Default>,
  ): Windowless<ScalarOf<Row, Field> | Default, BucketOf<Row, By>>;
  /** The fraction of the events that match `where`, 0 to 1. */
  share<Default extends number | null = null>(
    options: { readonly where: WhereOption<Row> } & Omit<
      AggregationOptions<Row, never, Default>,
      "by" | "where"
    >,
  ): Windowless<number | Default, never>;
  /** How many different values, at most 2 % standard error. */
  approxDistinct<const By extends EnumFieldOf<Row> = never, Default extends number | null = number>(
    value: FieldOf<Row, Scalar> | ((row: Readonly<Row>) => Scalar | null),
    options?: AggregationOptions<Row, By, Default>,
  ): Windowless<number | Default, BucketOf<Row, By>>;
  /** The value below which the fraction `p` of the values lies, at most 1 % relative error. */
  approxPercentile<const By extends EnumFieldOf<Row> = never, Default extends number | null = null>(
    value: NumberOption<Row>,
    options: { readonly p: number } & AggregationOptions<Row, By, Default>,
  ): Windowless<number | Default, BucketOf<Row, By>>;
}

interface GivenOptions {
  readonly where?: unknown;
  readonly by?: string;
  readonly default?: FeatureValue;
}

function request(
  aggregation: AggregationName,
  value: unknown,
  options: GivenOptions = {},
  parameters: Readonly<Record<string, number>> = {},
): Windowless<never, never> {
  return windowed({
    aggregation,
    value,
    where: options.where,
    by: options.by,
    whenEmpty: options.default,
    parameters,
  });
}

const builder = {
  count: (options?: GivenOptions) => request("count", null, options),
  share: (options?: GivenOptions) => request("share", null, options),
  sum: (value: unknown, options?: GivenOptions) => request("sum", value, options),
  mean: (value: unknown, options?: GivenOptions) => request("mean", value, options),
  min: (value: unknown, options?: GivenOptions) => request("min", value, options),
  max: (value: unknown, options?: GivenOptions) => request("max", value, options),
  last: (value: unknown, options?: GivenOptions) => request("last", value, options),
  approxDistinct: (value: unknown, options?: GivenOptions) => request("approxDistinct", value, options),
  approxPercentile: (value: unknown, options: GivenOptions & { readonly p: number }) =>
    request("approxPercentile", value, options, { p: options?.p }),
};

/** The builder for rows of one type. It keeps nothing: the row type is all that differs. */
export function featureBuilder<Row>(): FeatureBuilder<Row> {
  return builder as FeatureBuilder<Row>;
}
