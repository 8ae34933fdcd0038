import { FIRST } from "./arithmetic.ts";
import type { Aggregation } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";
import type { TimedValue } from "./timed-value.ts";
import { timedValueKind } from "./timed-value-kind.ts";

const firstKind = timedValueKind(FIRST);

/**
 * The value of the earliest event that has one, by event time; ties go to the lesser hash of the event's identity (R6).
 * Null when there are none. A text is kept to its first 256 bytes.
 */
export const first: Aggregation = {
  name: "first",
  accuracy: "exact",
  columns: (call) => [{ kind: firstKind, value: requiredValue(call), where: call.where }],
  result: ([earliest]: readonly (TimedValue | null)[]) => earliest?.value ?? null,
};
