import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";

const minKind: ColumnKind<number | null> = {
  id: "min",
  accepts: "number",
  maxBytes: 9,
  zero: () => null,
  // Adding 0 makes -0 the 0 that it is decoded as (R8).
  add: (partial, { value }) =>
    partial === null || (value as number) < partial ? (value as number) + 0 : partial,
  merge: (left, right) => (left === null || (right !== null && right < left) ? right : left),
  encode: (writer, partial) => writer.optionalNumber(partial),
  decode: (reader) => reader.optionalNumber(),
};

/** The least value; null when there are none. */
export const min: Aggregation = {
  name: "min",
  columns: (call) => [{ kind: minKind, value: requiredValue(call), where: call.where }],
  result: ([least]: readonly (number | null)[]) => least!,
};
