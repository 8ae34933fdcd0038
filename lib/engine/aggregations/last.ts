import { LAST } from "./arithmetic.ts";
import type { Aggregation } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";
import type { TimedValue } from "./timed-value.ts";
import { timedValueKind } from "./timed-value-kind.ts";

const lastKind = timedValueKind(LAST);

/**
 * The value of the latest event that has one, by event time; ties go to the greater hash of the event's identity (R6).
 * Null when there are none. A text is kept to its first 256 bytes.
 */
export const last: Aggregation = {
  name: "last",
  accuracy: "exact",
  columns: (call) => [{ kind: lastKind, value: requiredValue(call), where: call.where }],
  result: ([latest]: readonly (TimedValue | null)[]) => latest?.value ?? null,
};
