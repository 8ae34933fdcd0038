import { LEAST, numberKind } from "./arithmetic.ts";
import type { Aggregation } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";

const minKind = numberKind(LEAST, { id: "min", accepts: "number", maxBytes: 9 });

/** The least value; null when there are none. */
export const min: Aggregation = {
  name: "min",
  accuracy: "exact",
  columns: (call) => [{ kind: minKind, value: requiredValue(call), where: call.where }],
  // Infinite before the first value.
  result: ([least]: readonly number[]) => (Number.isFinite(least) ? least! : null),
};
