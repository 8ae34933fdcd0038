import type { Aggregation, ColumnKind } from "./column-kind.ts";
import { requiredValue } from "./required-value.ts";

/** A sum in the order of the events; null before the first value. */
export const sumKind: ColumnKind<number | null> = {
  id: "sum",
  accepts: "number",
  maxBytes: 9,
  zero: () => null,
  // Adding 0 makes -0 the 0 that it is decoded as (R8).
  add: (partial, { value }) => (partial === null ? (value as number) + 0 : partial + (value as number)),
  merge: (left, right) => (left === null ? right : right === null ? left : left + right),
  encode: (writer, partial) => writer.optionalNumber(partial),
  decode: (reader) => reader.optionalNumber(),
};

/** The sum of the values; null when there are none, or when it leaves the range of a double. */
export const sum: Aggregation = {
  name: "sum",
  columns: (call) => [{ kind: sumKind, value: requiredValue(call), where: call.where }],
  result: ([total]: readonly (number | null)[]) => (Number.isFinite(total) ? total! : null),
};
