import type { Aggregation } from "./column-kind.ts";
import { numberCount } from "./count.ts";
import { requiredValue } from "./required-value.ts";
import { sumKind } from "./sum.ts";

/** The mean of the values: their sum by their count. Null when there are none, or when the sum leaves a double's range. */
export const mean: Aggregation = {
  name: "mean",
  accuracy: "rounding: that of the sum, and of one division",
  columns: (call) => {
    const value = requiredValue(call);
    return [
      { kind: numberCount, value, where: call.where },
      { kind: sumKind, value, where: call.where },
    ];
  },
  result: ([values, total]: readonly number[]) =>
    values === 0 || !Number.isFinite(total) ? null : total! / values!,
};
