import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";
import { NO_VALUE } from "./stored-value.ts";
import {
  comesBefore,
  MAX_TIMED_VALUE_BYTES,
  readTimedValue,
  type TimedValue,
  timedValue,
  writeTimedValue,
} from "./timed-value.ts";

/** Partials are never changed in place: a first value is seldom replaced. */
const firstKind: ColumnKind<TimedValue | null> = {
  id: "first",
  accepts: "scalar",
  maxBytes: MAX_TIMED_VALUE_BYTES,
  zero: () => null,
  add: (partial, input) => (partial === null || comesBefore(input, partial) ? timedValue(input) : partial),
  merge(left, right) {
    if (left === null) return right;
    return right !== null && comesBefore(right, left) ? right : left;
  },
  encode(writer, partial, tileStartMs) {
    if (partial === null) writer.byte(NO_VALUE);
    else writeTimedValue(writer, partial, tileStartMs);
  },
  decode(reader, tileStartMs) {
    const tag = reader.byte();
    return tag === NO_VALUE ? null : readTimedValue(reader, tag, tileStartMs);
  },
};

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
