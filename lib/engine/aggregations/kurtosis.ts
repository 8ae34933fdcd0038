import type { Aggregation } from "./column-kind.ts";
import { finiteOrNull, type Moments, momentsKind } from "./moments.ts";
import { requiredValue } from "./required-value.ts";

/**
 * The population excess kurtosis: 0 for a normal distribution, at least -2. Null below four values, when all are equal,
 * or when it leaves the range of a double.
 */
export const kurtosis: Aggregation = {
  name: "kurtosis",
  accuracy: "rounding: of the kurtosis and 3, at most 6 n (r / s) 2^-52",
  columns: (call) => [{ kind: momentsKind(4), value: requiredValue(call), where: call.where }],
  result: ([moments]: readonly (Moments | null)[]) => {
    if (moments === null || moments === undefined || moments.count < 4 || moments.m2 === 0) return null;
    const { count, m2, m4 } = moments;
    return finiteOrNull((count * m4) / (m2 * m2) - 3);
  },
};
