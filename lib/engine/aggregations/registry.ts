import type { AggregationName } from "../../define/aggregation-call.ts";
import { approxDistinct } from "./approx-distinct.ts";
import { approxPercentile } from "./approx-percentile.ts";
import type { Aggregation } from "./column-kind.ts";
import { count } from "./count.ts";
import { last } from "./last.ts";
import { max } from "./max.ts";
import { mean } from "./mean.ts";
import { min } from "./min.ts";
import { share } from "./share.ts";
import { sum } from "./sum.ts";

/** Every aggregation that the engine has, by name. A new one is one file and a line here. */
export const aggregations: Readonly<Record<AggregationName, Aggregation>> = {
  count,
  sum,
  mean,
  min,
  max,
  last,
  share,
  approxDistinct,
  approxPercentile,
};
