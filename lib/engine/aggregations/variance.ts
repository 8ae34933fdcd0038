import type { Aggregation } from "./column-kind.ts";
import { finiteOrNull, type Moments, momentsKind } from "./moments.ts";
import { requiredValue } from "./required-value.ts";

/** The population variance; 0 for a single value. Null when there are none, or when it leaves the range of a double. */
export const variance: Aggregation = {
  name: "variance",
  accuracy:
    "rounding: relative error at most 2 n (r / s) 2^-52 for n values of root mean square r and spread s",
  columns: (call) => [{ kind: momentsKind(2), value: requiredValue(call), where: call.where }],
  result: ([moments]: readonly (Moments | null)[]) =>
    moments === null || moments === undefined ? null : finiteOrNull(moments.m2 / moments.count),
};
