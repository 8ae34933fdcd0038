import { composedFunction } from "../function-source.ts";
import { checkReturnsAtOnce } from "../pure-function.ts";
import { quote, quoteAll, refuse } from "../refuse.ts";
import type { FieldOf, ScalarOf } from "../row.ts";
import type { SchemaField } from "../schema-field.ts";
import type { Condition, Scalar, Where } from "../where.ts";

// Comparisons such as gt(2) are of plain numbers, whatever literals a numeric field is restricted to.
type ConditionOf<Value extends Scalar> = [Value] extends [number] ? Condition<number> : Condition<Value>;

/**
 * A filter as users write it: conditions that must all hold, by field, or a pure function of the row.
 *
 * @example
 * ```ts
 * t.count({ where: { channel: "web", amount: gt(500) } });
 * t.count({ where: (row) => row.amount % 100 === 0 });
 * ```
 */
export type WhereOption<Row> =
  | { readonly [Field in FieldOf<Row, Scalar>]?: ConditionOf<ScalarOf<Row, Field>> }
  | ((row: Readonly<Row>) => boolean);

const OPERATORS = new Set(["gt", "gte", "lt", "lte"]);
const isScalar = (value: unknown): value is Scalar =>
  typeof value === "string" ||
  typeof value === "boolean" ||
  (typeof value === "number" && Number.isFinite(value));

/**
 * Makes the engine's filter of a user's.
 *
 * @throws FreshetError `DEFINITION_INVALID` for an unknown field, a value of another type than the field's, no condition at all,
 *   or a function that does not return at once.
 */
export function filterOf(place: string, option: unknown, fields: ReadonlyMap<string, SchemaField>): Where {
  if (typeof option === "function") {
    checkReturnsAtOnce(place, "where", option);
    return { kind: "function", test: option as (row: Readonly<Record<string, unknown>>) => boolean };
  }
  if (typeof option !== "object" || option === null || Array.isArray(option)) {
    refuse(place, `where is ${quote(option)}; write conditions by field, or a function of the row.`);
  }
  const entries = Object.entries(option).filter(([, condition]) => condition !== undefined);
  if (entries.length === 0) refuse(place, "where names no field; write a condition, or leave it out.");
  for (const [name, condition] of entries) {
    const field = fields.get(name);
    if (field === undefined) {
      refuse(place, `where names ${quote(name)}; the schema has ${quoteAll([...fields.keys()])}.`);
    }
    checkCondition(`${place}, where ${quote(name)}`, condition, field);
  }
  return { kind: "match", conditions: Object.fromEntries(entries) };
}

/** The rows of a filter that also belong to one bucket of an enum field. */
export function filterOfBucket(place: string, where: Where | null, field: string, bucket: string): Where {
  if (where === null) return { kind: "match", conditions: { [field]: bucket } };
  if (where.kind === "match") {
    if (Object.hasOwn(where.conditions, field)) {
      refuse(
        place,
        `where and by both name ${quote(field)}; drop it from where, each bucket has its own feature.`,
      );
    }
    return { kind: "match", conditions: { ...where.conditions, [field]: bucket } };
  }
  const { test } = where;
  return {
    kind: "function",
    test: composedFunction((row) => row[field] === bucket && test(row), {
      label: JSON.stringify([field, bucket]),
      of: test,
    }),
  };
}

function checkCondition(place: string, condition: unknown, field: SchemaField): void {
  const check = (value: unknown) => {
    if (!isScalar(value)) refuse(place, `${quote(value)} is not text, a finite number or a boolean.`);
    const type = typeof value as "string" | "number" | "boolean";
    if (!field.types.has(type) && !field.types.has("unknown")) {
      refuse(place, `${quote(value)} is a ${type}; the field holds ${[...field.types].join(" or ")}.`);
    }
    if (field.values !== null && !field.values.includes(value)) {
      refuse(
        place,
        `${quote(value)} is not a value of the field; it has ${field.values.map(quote).join(", ")}.`,
      );
    }
  };
  if (typeof condition !== "object" || condition === null) {
    check(condition);
    return;
  }
  const { operator, value, values } = condition as { operator?: unknown; value?: unknown; values?: unknown };
  if (OPERATORS.has(operator as string)) {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      refuse(place, `${String(operator)}(${quote(value)}) compares with a finite number.`);
    }
    if (!field.types.has("number") && !field.types.has("unknown")) {
      refuse(
        place,
        `${String(operator)} compares numbers; the field holds ${[...field.types].join(" or ")}.`,
      );
    }
  } else if (operator === "not") check(value);
  else if (operator === "oneOf" && Array.isArray(values)) {
    if (values.length === 0) refuse(place, "oneOf() lists no value.");
    for (const each of values) check(each);
  } else
    refuse(place, `${quote(condition)} is not a condition; write a value, gt, gte, lt, lte, not or oneOf.`);
}
