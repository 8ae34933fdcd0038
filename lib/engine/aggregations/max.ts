import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";

const maxKind: ColumnKind<number | null> = {
  id: "max",
  accepts: "number",
  maxBytes: 9,
  zero: () => null,
  // Adding 0 makes -0 the 0 that it is decoded as (R8).
  add: (partial, { value }) =>
    partial === null || (value as number) > partial ? (value as number) + 0 : partial,
  merge: (left, right) => (left === null || (right !== null && right > left) ? right : left),
  encode: (writer, partial) => writer.optionalNumber(partial),
  decode: (reader) => reader.optionalNumber(),
};

/** The greatest value; null when there are none. */
export const max: Aggregation = {
  name: "max",
  columns: (call) => [{ kind: maxKind, value: requiredValue(call), where: call.where }],
  result: ([greatest]: readonly (number | null)[]) => greatest!,
};
