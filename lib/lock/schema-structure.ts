import type { z } from "zod";
import { isSchema, SCHEMA_PARTS } from "../define/schema-parts.ts";
import { functionShape } from "./function-shape.ts";

type Callable = (...values: never[]) => unknown;

// Read structurally, since a definition may come from another copy of zod.
interface SchemaDefinition {
  readonly type: string;
  readonly format?: string;
  readonly normalize?: boolean;
  readonly coerce?: boolean;
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[];
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
  readonly defaultValue?: unknown;
  readonly catchValue?: Callable;
  readonly transform?: Callable;
  readonly getter?: () => z.ZodType;
}

interface Check {
  readonly check: string;
  readonly format?: string;
  readonly normalize?: boolean;
  readonly tx?: Callable;
}

/**
 * What of a schema decides the value that it makes of a record's, as plain data: types, wrappers, coercion, defaults,
 * fallbacks, the values of enums and literals, and what transforms do. What can only refuse a value (a
 * minimum, a format, a refinement) is not part of it, nor is a description.
 *
 * A default or fallback that is a function of nothing is taken by what it returns.
 */
export function schemaStructure(schema: z.ZodType): unknown {
  return describe(schema, new Set());
}

/** Those checks of a schema that change the value: `trim`, `toLowerCase`, `overwrite`, and URLs, which are trimmed. */
export function overwritesOf(schema: z.ZodType): readonly unknown[] {
  const definition = schema._zod.def as unknown as SchemaDefinition;
  const checks: readonly Omit<Check, "check">[] = [
    definition,
    ...(definition.checks ?? []).map(({ _zod }) => _zod.def),
  ];
  return checks.flatMap<unknown>(({ tx, format, normalize }) => {
    if (tx !== undefined) return [functionShape(tx)];
    return format === "url" ? [{ format, normalize: normalize === true }] : [];
  });
}

/** `within` holds the schemas and getters around this one: a recursive schema comes back to one of them. */
function describe(schema: z.ZodType, within: ReadonlySet<unknown>): unknown {
  const definition = schema._zod.def as unknown as SchemaDefinition;
  const { type, getter } = definition;
  if (within.has(schema) || within.has(getter ?? schema)) return "recursive";
  const inside = new Set([...within, schema, getter ?? schema]);
  if (type === "readonly") return part((definition as { innerType?: unknown }).innerType, inside);
  if (getter !== undefined) return describe(getter(), inside);

  const parts: Record<string, unknown> = {};
  for (const name of SCHEMA_PARTS) {
    const value = (definition as unknown as Record<string, unknown>)[name];
    if (value !== undefined && value !== null) parts[name] = part(value, inside);
  }
  const { coerce, entries, values, catchValue, transform } = definition;
  const overwrites = overwritesOf(schema);
  return {
    type,
    ...parts,
    ...(coerce === true ? { coerce } : {}),
    ...(entries === undefined ? {} : { entries: [...new Set(Object.values(entries))].map(literal).sort() }),
    ...(values === undefined ? {} : { values: values.map(literal).sort() }),
    ...("defaultValue" in definition ? { default: literal(definition.defaultValue) } : {}),
    ...(catchValue === undefined ? {} : { catch: fallback(catchValue) }),
    ...(transform === undefined ? {} : { transform: functionShape(transform) }),
    ...(overwrites.length === 0 ? {} : { overwrites }),
  };
}

function part(value: unknown, within: ReadonlySet<unknown>): unknown {
  if (Array.isArray(value)) return value.map((each) => part(each, within));
  if (isSchema(value)) return describe(value, within);
  return Object.fromEntries(
    Object.entries(value as object).map(([name, each]) => [name, part(each, within)]),
  );
}

/** zod makes a function of every fallback; one of its own making takes nothing, and its text says nothing. */
function fallback(catchValue: Callable): unknown {
  return catchValue.length === 0 ? literal((catchValue as () => unknown)()) : functionShape(catchValue);
}

/** A value as text, those that JSON does not know included. */
function literal(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `${each}n` : each)) ?? String(value);
}
