import type { ColumnKind } from "./column-kind.ts";
import { keptValuesKind } from "./kept-values.ts";
import {
  comesBefore,
  MAX_TIMED_VALUE_BYTES,
  readTimedValue,
  type TimedValue,
  timedValue,
  writeTimedValue,
  writtenBy,
} from "./timed-value.ts";

/** The column of the first or last `k` values by event time (R6). */
export function timedListKind(end: "first" | "last", k: number): ColumnKind<TimedValue[] | null> {
  return keptValuesKind<TimedValue>({
    id: `${end}/${k}`,
    accepts: "scalar",
    k,
    maxValueBytes: MAX_TIMED_VALUE_BYTES,
    // Times are written relative to the tile.
    maxAgingBytes: 8,
    make: timedValue,
    precedes: end === "first" ? comesBefore : (later, earlier) => !comesBefore(later, earlier),
    ofWriter: writtenBy,
    write: writeTimedValue,
    read: (reader, tileStartMs) => readTimedValue(reader, reader.byte(), tileStartMs),
  });
}

/** The values, in the order that they are kept in. */
export function valuesOf([list]: readonly (readonly TimedValue[] | null)[]):
  | readonly TimedValue["value"][]
  | null {
  return list?.map(({ value }) => value) ?? null;
}
