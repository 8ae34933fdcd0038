import type { ValueExpression } from "../define/aggregation-call.ts";
import type { Condition, Scalar, Where } from "../define/where.ts";
import type { ColumnKind } from "./aggregations/column-kind.ts";
import { storable } from "./aggregations/stored-value.ts";

/** A validated row, as filters and value expressions read it. */
export type Row = Readonly<Record<string, unknown>>;

/** Compiles a filter to a predicate; a missing or null field meets no condition. */
export function compileWhere(where: Where): (row: Row) => boolean {
  if (where.kind === "function") return where.test;
  const checks = Object.entries(where.conditions).map(([field, condition]) => {
    const test = compileCondition(condition);
    return (row: Row) => {
      const value = row[field];
      return value !== null && value !== undefined && test(value as Scalar);
    };
  });
  if (checks.length === 1) return checks[0]!;
  return (row) => checks.every((check) => check(row));
}

function compileCondition(condition: Condition): (value: Scalar) => boolean {
  if (typeof condition !== "object") return (value) => value === condition;
  switch (condition.operator) {
    case "gt":
      return (value) => typeof value === "number" && value > condition.value;
    case "gte":
      return (value) => typeof value === "number" && value >= condition.value;
    case "lt":
      return (value) => typeof value === "number" && value < condition.value;
    case "lte":
      return (value) => typeof value === "number" && value <= condition.value;
    case "not":
      return (value) => value !== condition.value;
    case "oneOf": {
      const values = new Set(condition.values);
      return (value) => values.has(value);
    }
  }
}

/**
 * Compiles a value expression: the value for a column of that kind, or null where the event is to be skipped
 * (null, not finite, or of a type that the kind does not take). Zero has one sign (R8).
 */
export function compileValue(
  expression: ValueExpression,
  accepts: ColumnKind["accepts"],
): (row: Row) => Scalar | null {
  const raw: (row: Row) => unknown =
    expression.kind === "function" ? expression.apply : fieldReader(expression.field);
  return (row) => {
    const value = raw(row);
    if (typeof value === "number") {
      // x - x is 0 for finite x only: one test for NaN and both infinities.
      return value - value === 0 ? value + 0 : null;
    }
    if (accepts === "number") return null;
    return typeof value === "string" || typeof value === "boolean" ? value : null;
  };
}

/**
 * Compiles a field to the key that partials are kept by: its value as text, cut as values are; null where it is missing,
 * null, or neither text, a finite number nor a boolean.
 */
export function compileKey(field: string): (row: Row) => string | null {
  return (row) => {
    const value = row[field];
    if (typeof value === "string") return storable(value) as string;
    if (typeof value === "boolean" || Number.isFinite(value)) return String(value);
    return null;
  };
}

function fieldReader(field: string): (row: Row) => unknown {
  return (row) => row[field];
}
