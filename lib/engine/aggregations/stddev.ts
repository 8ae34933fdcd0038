import type { Aggregation } from "./column-kind.ts";
import { finiteOrNull, type Moments, momentsKind } from "./moments.ts";
import { requiredValue } from "./required-value.ts";

/** The population standard deviation: the square root of `variance`, whose column it shares. */
export const stddev: Aggregation = {
  name: "stddev",
  accuracy: "rounding: half of the variance's relative error",
  columns: (call) => [{ kind: momentsKind(2), value: requiredValue(call), where: call.where }],
  result: ([moments]: readonly (Moments | null)[]) =>
    moments === null || moments === undefined ? null : finiteOrNull(Math.sqrt(moments.m2 / moments.count)),
};
