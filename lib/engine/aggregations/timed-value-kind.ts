import { FIRST, type TimedForm } from "./arithmetic.ts";
import type { ColumnKind } from "./column-kind.ts";
import { NO_VALUE } from "./stored-value.ts";
import {
  comesBefore,
  MAX_TIMED_VALUE_BYTES,
  type Place,
  readTimedValue,
  type TimedValue,
  timedValue,
  writeTimedValue,
  writtenBy,
} from "./timed-value.ts";

/**
 * The column of one value by its place among all, the one that `replaces` every other. Partials are never changed in
 * place, so that rows and windows may share them.
 */
export function timedValueKind(timed: TimedForm): ColumnKind<TimedValue | null> {
  const replaces = (candidate: Place, kept: Place) => comesBefore(candidate, kept) === (timed === FIRST);
  return {
    id: timed === FIRST ? "first" : "last",
    timed,
    accepts: "scalar",
    maxBytes: MAX_TIMED_VALUE_BYTES,
    zero: () => null,
    add: (partial, input) => (partial === null || replaces(input, partial) ? timedValue(input) : partial),
    merge(left, right) {
      if (left === null || right === null) return left ?? right;
      return replaces(right, left) ? right : left;
    },
    ofWriter: (partial, rank) => (partial === null ? null : writtenBy(partial, rank)),
    encode(writer, partial, tileStartMs) {
      if (partial === null) writer.byte(NO_VALUE);
      else writeTimedValue(writer, partial, tileStartMs);
    },
    decode(reader, tileStartMs) {
      const tag = reader.byte();
      return tag === NO_VALUE ? null : readTimedValue(reader, tag, tileStartMs);
    },
  };
}
