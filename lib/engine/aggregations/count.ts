import type { ValueExpression } from "../../define/aggregation-call.ts";
import type { Where } from "../../define/where.ts";
import type { Aggregation, ColumnKind, ColumnRequest } from "./column-kind.ts";

function countKind(id: string, accepts: ColumnKind["accepts"]) {
  return {
    id,
    accepts,
    maxBytes: 8,
    maxGrowthBytes: 1,
    zero: () => 0,
    add: (partial) => partial + 1,
    merge: (left, right) => left + right,
    encode: (writer, partial) => writer.varint(partial),
    decode: (reader) => reader.varint(),
  } satisfies ColumnKind<number>;
}

/** Counts events. */
const eventCount: ColumnKind<number> = countKind("count", "nothing");
/** Counts events whose value is not null. */
const valueCount: ColumnKind<number> = { ...countKind("count/scalar", "scalar"), whenNeverNull: eventCount };
/** Counts events whose value is a finite number: those that `sum` adds. */
export const numberCount: ColumnKind<number> = {
  ...countKind("count/number", "number"),
  whenNeverNull: eventCount,
};

/** The column that counts events, or the non-null values of an expression. */
export function countColumn(value: ValueExpression | null, where: Where | null): ColumnRequest {
  return { kind: value === null ? eventCount : valueCount, value, where };
}

/** How many events there are, or, given a value, how many have one; 0 for an empty window. */
export const count: Aggregation = {
  name: "count",
  columns: ({ value, where }) => [countColumn(value, where)],
  result: ([events]: readonly number[]) => events!,
};
