import type { AggregationName } from "../aggregation-call.ts";
import { AGGREGATION_TRAITS } from "../aggregation-traits.ts";
import type { Duration } from "../duration.ts";
import type { EnumFieldOf, FieldOf, ScalarOf } from "../row.ts";
import type { FeatureScalar, ValueCount, ValuesByKey } from "../types.ts";
import type { Scalar } from "../where.ts";
import type { WhereOption } from "./filter.ts";
import { type Windowless, windowed } from "./windowed-feature.ts";

/** A number to aggregate: a numeric field, or a pure function of the row. Null skips the row. */
export type NumberOption<Row> = FieldOf<Row, number> | ((row: Readonly<Row>) => number | null);

/** What every aggregation may be given. */
export interface AggregationOptions<Row, By, Default> {
  /** Which rows count. */
  readonly where?: WhereOption<Row>;
  /**
   * An enum field: one feature for each of its values, named `channel_1h.web`. Any other field of text, numbers or
   * booleans: one feature with a value for each key that came, up to `maxKeys`.
   */
  readonly by?: By;
  /**
   * With `by` a field that is not an enum: how many keys are kept, at most 256. A tile keeps the keys that come first, a
   * window those with the most events; events of the others are counted in `overflowed`.
   * @default 32
   */
  readonly maxKeys?: number;
  /** The value for an empty window, instead of 0 for counts and null for the others (R7). */
  readonly default?: Default;
}

// The enum values of a `by` field; never where there is none, so that names get no bucket.
type BucketOf<Row, By extends keyof Row> = [By] extends [never]
  ? never
  : [By] extends [EnumFieldOf<Row>]
    ? NonNullable<Row[By]> & string
    : never;

// What a feature answers: for each key, where `by` is not an enum.
type Grouped<Row, By extends keyof Row, Value extends FeatureScalar> = [By] extends [EnumFieldOf<Row>]
  ? Value
  : ValuesByKey<Value>;

/** A field to group by. */
export type ByOption<Row> = FieldOf<Row, Scalar>;

/** Aggregates numbers; null for an empty window, unless there is a default. */
export type NumberAggregation<Row> = <
  const By extends ByOption<Row> = never,
  Default extends number | null = null,
>(
  value: NumberOption<Row>,
  options?: AggregationOptions<Row, By, Default>,
) => Windowless<Grouped<Row, By, number | Default>, BucketOf<Row, By>>;

/** Aggregates numbers into a list of them, at most `k` long. */
export type NumberListAggregation<Row> = <
  const By extends EnumFieldOf<Row> = never,
  Default extends readonly number[] | null = null,
>(
  value: NumberOption<Row>,
  options: { readonly k: number } & AggregationOptions<Row, By, Default>,
) => Windowless<readonly number[] | Extract<Default, null>, BucketOf<Row, By>>;

/** A pure function of the row. Null skips the row. */
export type ValueFunction<Row, Value extends Scalar> = (row: Readonly<Row>) => Value | null;

/** Picks a value of a field, or of a function of the row. */
export interface FieldAggregation<Row> {
  <
    Field extends FieldOf<Row, Scalar>,
    const By extends ByOption<Row> = never,
    Default extends ScalarOf<Row, Field> | null = null,
  >(
    field: Field,
    options?: AggregationOptions<Row, By, Default>,
  ): Windowless<Grouped<Row, By, ScalarOf<Row, Field> | Default>, BucketOf<Row, By>>;
  <Value extends Scalar, const By extends ByOption<Row> = never, Default extends Value | null = null>(
    value: ValueFunction<Row, Value>,
    options?: AggregationOptions<Row, By, Default>,
  ): Windowless<Grouped<Row, By, Value | Default>, BucketOf<Row, By>>;
}

/** Picks several values of a field, or of a function of the row, at most `k`. */
export interface FieldListAggregation<Row> {
  <
    Field extends FieldOf<Row, Scalar>,
    const By extends EnumFieldOf<Row> = never,
    Default extends readonly ScalarOf<Row, Field>[] | null = null,
  >(
    field: Field,
    options: { readonly k: number } & AggregationOptions<Row, By, Default>,
  ): Windowless<readonly ScalarOf<Row, Field>[] | Extract<Default, null>, BucketOf<Row, By>>;
  <
    Value extends Scalar,
    const By extends EnumFieldOf<Row> = never,
    Default extends readonly Value[] | null = null,
  >(
    value: ValueFunction<Row, Value>,
    options: { readonly k: number } & AggregationOptions<Row, By, Default>,
  ): Windowless<readonly Value[] | Extract<Default, null>, BucketOf<Row, By>>;
}

/** Counts the values of a field, or of a function of the row, each for itself. */
export interface ValueCountAggregation<Row> {
  <
    Field extends FieldOf<Row, Scalar>,
    const By extends EnumFieldOf<Row> = never,
    Default extends readonly [] | null = null,
  >(
    field: Field,
    options: { readonly k: number; readonly capacity?: number } & AggregationOptions<Row, By, Default>,
  ): Windowless<readonly ValueCount<ScalarOf<Row, Field>>[] | Extract<Default, null>, BucketOf<Row, By>>;
  <
    Value extends Scalar,
    const By extends EnumFieldOf<Row> = never,
    Default extends readonly [] | null = null,
  >(
    value: ValueFunction<Row, Value>,
    options: { readonly k: number; readonly capacity?: number } & AggregationOptions<Row, By, Default>,
  ): Windowless<readonly ValueCount<Value>[] | Extract<Default, null>, BucketOf<Row, By>>;
}

/** Any value to tell apart: a field, or a pure function of the row. Null skips the row. */
export type ScalarOption<Row> = FieldOf<Row, Scalar> | ValueFunction<Row, Scalar>;

/**
 * The `t` of a view's features: one method an aggregation, typed by the row. docs/aggregations.md has them in a table.
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
  count<const By extends ByOption<Row> = never, Default extends number | null = number>(
    options?: AggregationOptions<Row, By, Default>,
  ): Windowless<Grouped<Row, By, number | Default>, BucketOf<Row, By>>;
  readonly sum: NumberAggregation<Row>;
  readonly mean: NumberAggregation<Row>;
  readonly min: NumberAggregation<Row>;
  readonly max: NumberAggregation<Row>;
  /** The population variance. */
  readonly variance: NumberAggregation<Row>;
  /** The population standard deviation. */
  readonly stddev: NumberAggregation<Row>;
  /** The population skewness; null below three values. */
  readonly skew: NumberAggregation<Row>;
  /** The population excess kurtosis, 0 for a normal distribution; null below four values. */
  readonly kurtosis: NumberAggregation<Row>;
  /** The value of the event of the earliest event time. */
  readonly first: FieldAggregation<Row>;
  /** The value of the event of the latest event time. */
  readonly last: FieldAggregation<Row>;
  /** The values of the `k` events of the earliest event times, earliest first; `k` from 1 to 50. */
  readonly firstK: FieldListAggregation<Row>;
  /** The values of the `k` events of the latest event times, latest first; `k` from 1 to 50. */
  readonly lastK: FieldListAggregation<Row>;
  /** The `k` greatest values, greatest first; `k` from 1 to 50. */
  readonly topK: NumberListAggregation<Row>;
  /** The `k` least values, least first; `k` from 1 to 50. */
  readonly bottomK: NumberListAggregation<Row>;
  /** The fraction of the events that match `where`, 0 to 1. */
  share<Default extends number | null = null>(
    options: { readonly where: WhereOption<Row> } & Omit<
      AggregationOptions<Row, never, Default>,
      "by" | "where"
    >,
  ): Windowless<number | Default, never>;
  /** Events for each `per` (one second by default) of the time that the window covers so far. */
  rate<const By extends ByOption<Row> = never, Default extends number | null = null>(
    options?: { readonly per?: Duration } & AggregationOptions<Row, By, Default>,
  ): Windowless<Grouped<Row, By, number | Default>, BucketOf<Row, By>>;
  /** Seconds from the latest event to the as-of time. */
  timeSinceLast<const By extends ByOption<Row> = never, Default extends number | null = null>(
    options?: AggregationOptions<Row, By, Default>,
  ): Windowless<Grouped<Row, By, number | Default>, BucketOf<Row, By>>;
  /** How many different values, exact up to `max` (128 by default, at most 1,000), which stands for that many or more. */
  distinct<const By extends ByOption<Row> = never, Default extends number | null = number>(
    value: ScalarOption<Row>,
    options?: { readonly max?: number } & AggregationOptions<Row, By, Default>,
  ): Windowless<Grouped<Row, By, number | Default>, BucketOf<Row, By>>;
  /** How many different values, at most 2 % standard error. */
  approxDistinct<const By extends ByOption<Row> = never, Default extends number | null = number>(
    value: ScalarOption<Row>,
    options?: AggregationOptions<Row, By, Default>,
  ): Windowless<Grouped<Row, By, number | Default>, BucketOf<Row, By>>;
  /** The value below which the fraction `p` of the values lies, at most 1 % relative error. */
  approxPercentile<const By extends ByOption<Row> = never, Default extends number | null = null>(
    value: NumberOption<Row>,
    options: { readonly p: number } & AggregationOptions<Row, By, Default>,
  ): Windowless<Grouped<Row, By, number | Default>, BucketOf<Row, By>>;
  /**
   * The `k` (1 to 50) most frequent values of a field with their counts, most frequent first. Exact up to `capacity`
   * distinct values (64 by default, at most 256); past that, counts are low by at most n / (capacity + 1) of n values.
   */
  readonly approxTopK: ValueCountAggregation<Row>;
  /**
   * How many values lie below the first of the ascending `edges`, from each on to below the next, and from the last on:
   * one count more than there are edges, at most 64.
   */
  histogram<const By extends EnumFieldOf<Row> = never, Default extends readonly number[] | null = null>(
    value: NumberOption<Row>,
    options: { readonly edges: readonly number[] } & AggregationOptions<Row, By, Default>,
  ): Windowless<readonly number[] | Extract<Default, null>, BucketOf<Row, By>>;
  /** The sum of the values, each halved with every `halfLife` of its event's age. */
  expDecaySum<const By extends ByOption<Row> = never, Default extends number | null = null>(
    value: NumberOption<Row>,
    options: { readonly halfLife: Duration } & AggregationOptions<Row, By, Default>,
  ): Windowless<Grouped<Row, By, number | Default>, BucketOf<Row, By>>;
  /** How many events, each halved with every `halfLife` of its age. */
  expDecayCount<const By extends ByOption<Row> = never, Default extends number | null = number>(
    options: { readonly halfLife: Duration } & AggregationOptions<Row, By, Default>,
  ): Windowless<Grouped<Row, By, number | Default>, BucketOf<Row, By>>;
}

// What is given is checked with the feature, whose name a refusal can tell.
const ofEvents = (aggregation: AggregationName) => (options?: unknown) =>
  windowed({ aggregation, value: null, options });
const ofValues = (aggregation: AggregationName) => (value: unknown, options?: unknown) =>
  windowed({ aggregation, value, options });

const aggregations: object = Object.fromEntries(
  Object.entries(AGGREGATION_TRAITS).map(([name, { takes }]) => [
    name,
    (takes === "nothing" ? ofEvents : ofValues)(name as AggregationName),
  ]),
);

// A name that is none is refused with the feature too: thrown here, it would hide what is wrong with the others.
const ofNone = (aggregation: AggregationName) =>
  Object.assign(ofValues(aggregation), windowed({ aggregation, value: null, options: undefined }));

const builder = new Proxy(aggregations, {
  get: (target, name) =>
    typeof name === "symbol" || name in target ? Reflect.get(target, name) : ofNone(name as AggregationName),
});

/** The builder for rows of one type. It keeps nothing: the row type is all that differs. */
export function featureBuilder<Row>(): FeatureBuilder<Row> {
  return builder as FeatureBuilder<Row>;
}
