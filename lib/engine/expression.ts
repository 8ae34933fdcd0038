import type { ValueExpression } from "../define/aggregation-call.ts";
import type { Condition, Scalar, Where } from "../define/where.ts";
import type { ColumnKind } from "./aggregations/column-kind.ts";
import { storable } from "./aggregations/stored-value.ts";
import type { FieldValues } from "./decode/field-values.ts";
import { type Hash64, hashScalar } from "./hash.ts";

/** Says of a record's values whether a filter takes it. */
type Predicate = (values: FieldValues) => boolean;

/**
 * Compiles a filter over records of these fields; a missing or null field meets no condition.
 *
 * @param names the fields of the source's schema, as `FieldValues` has them
 */
export function compileWhere(where: Where, names: readonly string[]): Predicate {
  if (where.kind === "function") return ({ row }) => where.test(row);
  const checks = Object.entries(where.conditions).map(([field, condition]) =>
    compileCondition(names.indexOf(field), condition),
  );
  if (checks.length === 1) return checks[0]!;
  return (values) => checks.every((check) => check(values));
}

function compileCondition(field: number, condition: Condition): Predicate {
  if (typeof condition !== "object") return (values) => values.equals(field, condition);
  switch (condition.operator) {
    case "gt":
      return (values) => values.number(field) > condition.value;
    case "gte":
      return (values) => values.number(field) >= condition.value;
    case "lt":
      return (values) => values.number(field) < condition.value;
    case "lte":
      return (values) => values.number(field) <= condition.value;
    case "not":
      return (values) => values.isPresent(field) && !values.equals(field, condition.value);
    case "oneOf":
      return (values) => condition.values.some((value) => values.equals(field, value));
  }
}

/**
 * Compiles a value expression for columns that take any scalar: null where the event is to be skipped (null, not finite,
 * or no scalar). Zero has one sign (R8).
 */
export function compileScalar(
  expression: ValueExpression,
  names: readonly string[],
): (values: FieldValues) => Scalar | null {
  if (expression.kind === "function") return ({ row }) => scalarOf(expression.apply(row));
  const field = names.indexOf(expression.field);
  return (values) => scalarOf(values.scalar(field));
}

function scalarOf(value: unknown): Scalar | null {
  if (typeof value === "number") {
    // x - x is 0 for finite x only: one test for NaN and both infinities.
    return value - value === 0 ? value + 0 : null;
  }
  return typeof value === "string" || typeof value === "boolean" ? value : null;
}

/** Puts a number of a record into an array. */
type PutNumber = (values: FieldValues, into: Float64Array, at: number) => void;

/** Compiles a value expression for columns that take numbers: NaN where the event is to be skipped. */
export function compileNumber(expression: ValueExpression, names: readonly string[]): PutNumber {
  if (expression.kind === "function") {
    return ({ row }, into, at) => {
      const value = expression.apply(row) as unknown;
      into[at] = typeof value === "number" && Number.isFinite(value) ? value + 0 : Number.NaN;
    };
  }
  const field = names.indexOf(expression.field);
  return (values, into, at) => {
    const value = values.number(field);
    into[at] = value - value === 0 ? value + 0 : Number.NaN;
  };
}

const hash: Hash64 = { high: 0, low: 0 };

/** Compiles a value expression to what a kind's `digest` makes of it; NaN where the event is to be skipped. */
export function compileDigest(
  expression: ValueExpression,
  { accepts, digest }: { readonly accepts: ColumnKind["accepts"]; readonly digest: (hash: Hash64) => number },
  names: readonly string[],
): PutNumber {
  if (accepts === "scalar" && expression.kind === "field") {
    const field = names.indexOf(expression.field);
    return (values, into, at) => {
      const isNumber = values.isNumber(field);
      const isTaken = (!isNumber || Number.isFinite(values.number(field))) && values.hash(field, hash);
      into[at] = isTaken ? digest(hash) : Number.NaN;
    };
  }
  const taken = compileScalar(expression, names);
  return (values, into, at) => {
    const value = taken(values);
    if (value === null || (accepts === "number" && typeof value !== "number")) {
      into[at] = Number.NaN;
      return;
    }
    hashScalar(value, hash);
    into[at] = digest(hash);
  };
}

/**
 * Compiles a field to the key that partials are kept by: its value as text, cut as values are; null where it is missing,
 * null, or neither text, a finite number nor a boolean.
 */
export function compileKey(
  fieldName: string,
  names: readonly string[],
): (values: FieldValues) => string | null {
  const field = names.indexOf(fieldName);
  return (values) => {
    const value = values.scalar(field);
    if (typeof value === "string") return storable(value) as string;
    if (typeof value === "boolean" || Number.isFinite(value)) return String(value);
    return null;
  };
}
