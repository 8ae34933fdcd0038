import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";
import { NO_VALUE, storable } from "./stored-value.ts";
import {
  comesBefore,
  MAX_TIMED_VALUE_BYTES,
  readTimedValue,
  type TimedValue,
  timedValue,
  writeTimedValue,
} from "./timed-value.ts";

const lastKind: ColumnKind<TimedValue | null> = {
  id: "last",
  accepts: "scalar",
  maxBytes: MAX_TIMED_VALUE_BYTES,
  zero: () => null,
  add(partial, input) {
    if (partial === null) return timedValue(input);
    if (comesBefore(input, partial)) return partial;
    partial.value = storable(input.value);
    partial.eventTimeMs = input.eventTimeMs;
    partial.identityHigh = input.identityHigh;
    partial.identityLow = input.identityLow;
    return partial;
  },
  merge(left, right) {
    if (right === null) return left;
    // A copy: later adds change the left side in place.
    return left !== null && comesBefore(right, left) ? left : { ...right };
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
