import type { AggregationName } from "../../define/aggregation-call.ts";
import { approxDistinct } from "./approx-distinct.ts";
import { approxPercentile } from "./approx-percentile.ts";
import { approxTopK } from "./approx-top-k.ts";
import { bottomK } from "./bottom-k.ts";
import type { Aggregation } from "./column-kind.ts";
import { count } from "./count.ts";
import { distinct } from "./distinct.ts";
import { expDecayCount } from "./exp-decay-count.ts";
import { expDecaySum } from "./exp-decay-sum.ts";
import { first } from "./first.ts";
import { firstK } from "./first-k.ts";
import { histogram } from "./histogram.ts";
import { kurtosis } from "./kurtosis.ts";
import { last } from "./last.ts";
import { lastK } from "./last-k.ts";
import { max } from "./max.ts";
import { mean } from "./mean.ts";
import { min } from "./min.ts";
import { rate } from "./rate.ts";
import { share } from "./share.ts";
import { skew } from "./skew.ts";
import { stddev } from "./stddev.ts";
import { sum } from "./sum.ts";
import { timeSinceLast } from "./time-since-last.ts";
import { topK } from "./top-k.ts";
import { variance } from "./variance.ts";

/** Every aggregation that the engine has, by name. A new one is one file and a line here. */
export const aggregations: Readonly<Record<AggregationName, Aggregation>> = {
  count,
  sum,
  mean,
  min,
  max,
  variance,
  stddev,
  skew,
  kurtosis,
  first,
  last,
  firstK,
  lastK,
  topK,
  bottomK,
  share,
  rate,
  timeSinceLast,
  distinct,
  approxDistinct,
  approxPercentile,
  approxTopK,
  histogram,
  expDecaySum,
  expDecayCount,
};
