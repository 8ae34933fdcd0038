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
 * Compiles a value expression: the value for a column of that kind, or null where the event is to be skipped
 * (null, not finite, or of a type that the kind does not take). Zero has one sign (R8).
 */
export function compileValue(
  expression: ValueExpression,
  accepts: ColumnKind["accepts"],
  names: readonly string[],
): (values: FieldValues) => Scalar | null {
  if (expression.kind === "function") return ({ row }) => accepted(expression.apply(row), accepts);
  const field = names.indexOf(expression.field);
  return (values) => accepted(values.scalar(field), accepts);
}

function accepted(value: unknown, accepts: ColumnKind["accepts"]): Scalar | null {
  if (typeof value === "number") {
    // x - x is 0 for finite x only: one test for NaN and both infinities.
    return value - value === 0 ? value + 0 : null;
  }
  if (accepts === "number") return null;
  return typeof value === "string" || typeof value === "boolean" ? value : null;
}

const hash: Hash64 = { high: 0, low: 0 };

/** Compiles a value expression to what a kind's `digest` makes of it; NaN where {@link compileValue} would answer null. */
export function compileDigest(
  expression: ValueExpression,
  { accepts, digest }: { readonly accepts: ColumnKind["accepts"]; readonly digest: (hash: Hash64) => number },
  names: readonly string[],
): (values: FieldValues) => number {
  if (accepts === "scalar" && expression.kind === "field") {
    const field = names.indexOf(expression.field);
    return (values) => {
      if (values.isNumber(field) && !Number.isFinite(values.number(field))) return Number.NaN;
      return values.hash(field, hash) ? digest(hash) : Number.NaN;
    };
  }
  const taken = compileValue(expression, accepts, names);
  return (values) => {
    const value = taken(values);
    if (value === null) return Number.NaN;
    hashScalar(value, hash);
    return digest(hash);
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
