import type { AggregationName } from "./aggregation-call.ts";
import type { Feature, FeatureValue } from "./types.ts";

/** What an aggregation takes and answers, as far as definitions are checked by it. */
export interface AggregationTraits {
  /** Its value: none, a number, or any of text, number and boolean. */
  readonly takes: "nothing" | "number" | "scalar";
  /**
   * Its result: a number, a value of the field, a list of numbers or of the field's values, or a list of values with
   * how often each came.
   */
  readonly answers: "number" | "value" | "numbers" | "values" | "value counts";
  /** Its result over an empty window, unless the feature declares a default (R7). */
  readonly empty: 0 | null;
}

const number = { takes: "number", answers: "number", empty: null } as const;
const field = { takes: "scalar", answers: "value", empty: null } as const;
const fieldList = { takes: "scalar", answers: "values", empty: null } as const;
const numberList = { takes: "number", answers: "numbers", empty: null } as const;

/** The traits of every aggregation, by name. */
export const AGGREGATION_TRAITS: Readonly<Record<AggregationName, AggregationTraits>> = {
  count: { takes: "nothing", answers: "number", empty: 0 },
  sum: number,
  mean: number,
  min: number,
  max: number,
  variance: number,
  stddev: number,
  skew: number,
  kurtosis: number,
  first: field,
  last: field,
  firstK: fieldList,
  lastK: fieldList,
  topK: numberList,
  bottomK: numberList,
  share: { takes: "nothing", answers: "number", empty: null },
  rate: { takes: "nothing", answers: "number", empty: null },
  timeSinceLast: { takes: "nothing", answers: "number", empty: null },
  distinct: { takes: "scalar", answers: "number", empty: 0 },
  approxDistinct: { takes: "scalar", answers: "number", empty: 0 },
  approxPercentile: number,
  approxTopK: { takes: "scalar", answers: "value counts", empty: null },
  histogram: numberList,
  expDecaySum: number,
  expDecayCount: { takes: "nothing", answers: "number", empty: 0 },
};

/** What a feature answers over an empty window (R7): its default, where it has one; by key, no key. */
export function emptyValueOf({ aggregation, whenEmpty }: Feature): FeatureValue {
  if (whenEmpty !== undefined) return whenEmpty;
  if (aggregation.by !== undefined) return { values: {}, overflowed: 0 };
  return AGGREGATION_TRAITS[aggregation.name].empty;
}
