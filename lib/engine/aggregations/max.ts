import { GREATEST, numberKind } from "./arithmetic.ts";
import type { Aggregation } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";

const maxKind = numberKind(GREATEST, { id: "max", accepts: "number", maxBytes: 9 });

/** The greatest value; null when there are none. */
export const max: Aggregation = {
  name: "max",
  accuracy: "exact",
  columns: (call) => [{ kind: maxKind, value: requiredValue(call), where: call.where }],
  // Infinite before the first value.
  result: ([greatest]: readonly number[]) => (Number.isFinite(greatest) ? greatest! : null),
};
