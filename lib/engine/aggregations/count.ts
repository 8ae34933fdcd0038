import type { ValueExpression } from "../../define/aggregation-call.ts";
import type { Where } from "../../define/where.ts";
import { COUNT, numberKind } from "./arithmetic.ts";
import type { Aggregation, ColumnRequest } from "./column-kind.ts";

/** Counts events. */
const eventCount = numberKind(COUNT, { id: "count", accepts: "nothing", maxBytes: 8, maxGrowthBytes: 1 });
/** Counts events whose value is not null. */
const valueCount = numberKind(COUNT, {
  id: "count/scalar",
  accepts: "scalar",
  maxBytes: 8,
  maxGrowthBytes: 1,
  whenNeverNull: eventCount,
});
/** Counts events whose value is a finite number: those that `sum` adds. */
export const numberCount = numberKind(COUNT, {
  id: "count/number",
  accepts: "number",
  maxBytes: 8,
  maxGrowthBytes: 1,
  whenNeverNull: eventCount,
});

/** The column that counts events, or the non-null values of an expression. */
export function countColumn(value: ValueExpression | null, where: Where | null): ColumnRequest {
  return { kind: value === null ? eventCount : valueCount, value, where };
}

/** How many events there are, or, given a value, how many have one; 0 for an empty window. */
export const count: Aggregation = {
  name: "count",
  accuracy: "exact",
  columns: ({ value, where }) => [countColumn(value, where)],
  result: ([events]: readonly number[]) => events!,
};
