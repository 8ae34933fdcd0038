import type { Aggregation } from "./column-kind.ts";
import { finiteOrNull, type Moments, momentsKind } from "./moments.ts";
import { requiredValue } from "./required-value.ts";

/** The population skewness. Null below three values, when all are equal, or when it leaves the range of a double. */
export const skew: Aggregation = {
  name: "skew",
  accuracy:
    "rounding: at most 2 n (r / s) 2^-52 of the mean of abs(d)³ / s³, and 3/2 of the variance's relative error",
  columns: (call) => [{ kind: momentsKind(3), value: requiredValue(call), where: call.where }],
  result: ([moments]: readonly (Moments | null)[]) => {
    if (moments === null || moments === undefined || moments.count < 3 || moments.m2 === 0) return null;
    const { count, m2, m3 } = moments;
    return finiteOrNull((Math.sqrt(count) * m3) / (m2 * Math.sqrt(m2)));
  },
};
