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

/** Partials are never changed in place, so that rows and windows may share them. */
const lastKind: ColumnKind<TimedValue | null> = {
  id: "last",
  accepts: "scalar",
  maxBytes: MAX_TIMED_VALUE_BYTES,
  zero: () => null,
  add: (partial, input) => (partial !== null && comesBefore(input, partial) ? partial : timedValue(input)),
  merge(left, right) {
    if (left === null || right === null) return left ?? right;
    return comesBefore(right, left) ? left : right;
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
 * The value of the latest event that has one, by event time; ties go to the greater hash of the event's identity (R6).
 * Null when there are none. A text is kept to its first 256 bytes.
 */
export const last: Aggregation = {
  name: "last",
  accuracy: "exact",
  columns: (call) => [{ kind: lastKind, value: requiredValue(call), where: call.where }],
  result: ([latest]: readonly (TimedValue | null)[]) => latest?.value ?? null,
};
