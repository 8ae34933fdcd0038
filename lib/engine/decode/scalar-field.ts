import type { z } from "zod";
import { Literal } from "./record-bytes.ts";

/**
 * What a record's field may be matched as: text, one of a few texts, a date and time as text, a number, a whole number,
 * a boolean, or any scalar.
 */
export type ScalarForm = "text" | "choice" | "timestamp" | "number" | "integer" | "boolean" | "scalar";

/** How a field's values are matched. */
interface FieldForm {
  readonly form: ScalarForm;
  /** The texts that a `"choice"` may be. */
  readonly choices: readonly Literal[];
  /** Whether null is taken too. */
  readonly nullable: boolean;
  /** Whether a record may lack it; its parsed row then lacks it too. */
  readonly optional: boolean;
  /**
   * The schema that judges a `"scalar"`, and a text that may be a time though no `"timestamp"`; null where every value
   * of the form is taken as it is.
   */
  readonly schema: z.ZodType | null;
}

/** A field of a source's schema as the scanner reads it. */
export interface ScalarField extends FieldForm {
  readonly name: string;
  /** Its place in the schema. */
  readonly index: number;
}

// The parts of zod's definitions that are read here. Read structurally, since a definition may come from another copy of zod.
interface SchemaDefinition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly checks?: readonly unknown[];
  readonly check?: unknown;
  readonly format?: unknown;
  readonly coerce?: boolean;
  readonly catchall?: unknown;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly offset?: unknown;
  readonly local?: unknown;
  readonly precision?: unknown;
}

const definitionOf = (schema: z.ZodType) => schema._zod.def as unknown as SchemaDefinition;

/** An enum of more texts is left to its schema. */
const MAX_CHOICES = 64;

/** Text that records hold as it is: ASCII without quotes, escapes and control characters. */
const PLAIN_TEXT = /^[ !#-[\]-\x7f]*$/;

/**
 * The fields of a schema that parses an object field by field and keeps no others; null for any schema that may do
 * more than that (its own checks, unknown keys kept or refused), whose records only zod can parse.
 */
export function scalarFields(schema: z.ZodObject): readonly ScalarField[] | null {
  const definition = definitionOf(schema);
  if (definition.type !== "object" || definition.catchall !== undefined || hasChecks(definition)) return null;
  const { shape } = schema;
  // zod asks `name in record`, which is true of what every object inherits.
  const names = Object.keys(shape);
  if (Object.getOwnPropertySymbols(shape).length > 0 || names.some((name) => name in {})) return null;
  return names.map((name, index) => ({ name, index, ...formOf(shape[name] as z.ZodType) }));
}

function formOf(schema: z.ZodType): FieldForm {
  const plain = { choices: [], nullable: false, optional: false, schema: null };
  // What may make a value of what is missing is asked even then.
  const judged = { ...plain, form: "scalar", schema } as const;
  const definition = definitionOf(schema);
  if (hasChecks(definition) || definition.coerce === true) return judged;
  if (definition.check !== undefined) {
    if (isTimestamp(definition)) return { ...plain, form: "timestamp", schema };
    return definition.format === "safeint" ? { ...plain, form: "integer" } : judged;
  }
  switch (definition.type) {
    case "string":
      return { ...plain, form: "text" };
    case "number":
    case "boolean":
      return { ...plain, form: definition.type };
    case "enum": {
      const choices = Object.values(definition.entries ?? {});
      const isPlain = choices.every((choice) => typeof choice === "string" && PLAIN_TEXT.test(choice));
      if (!isPlain || choices.length > MAX_CHOICES) return judged;
      return { ...plain, form: "choice", choices: choices.map((choice) => new Literal(choice as string)) };
    }
    case "optional":
    case "nullable": {
      const inner = formOf(definition.innerType!);
      return inner.form === "scalar" ? judged : { ...inner, [definition.type]: true };
    }
    default:
      return judged;
  }
}

/** `z.iso.datetime()` without options: UTC, to any fraction of a second. */
function isTimestamp({ type, format, offset, local, precision }: SchemaDefinition): boolean {
  return type === "string" && format === "datetime" && !offset && !local && precision === null;
}

function hasChecks({ checks }: SchemaDefinition): boolean {
  return checks !== undefined && checks.length > 0;
}
