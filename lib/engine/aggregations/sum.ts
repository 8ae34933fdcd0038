import { numberKind, SUM } from "./arithmetic.ts";
import type { Aggregation } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";

/** A sum in the order of the events; -0 before the first value. */
export const sumKind = numberKind(SUM, { id: "sum", accepts: "number", maxBytes: 9 });

/** The sum of the values; null when there are none, or when it leaves the range of a double. */
export const sum: Aggregation = {
  name: "sum",
  accuracy: "rounding: at most n 2^-53 of the sum of the magnitudes of n values",
  columns: (call) => [{ kind: sumKind, value: requiredValue(call), where: call.where }],
  result: ([total]: readonly number[]) => (Object.is(total, -0) || !Number.isFinite(total) ? null : total!),
};
