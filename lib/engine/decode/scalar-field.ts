import type { z } from "zod";

/** What a record's field may be matched as: text alone, a number alone, or any scalar. */
export type ScalarForm = "text" | "number" | "scalar";

/** A field of a source's schema as the scanner reads it. */
export interface ScalarField {
  readonly name: string;
  /** Its place in the schema. */
  readonly index: number;
  readonly form: ScalarForm;
  /** Whether a record may lack it; its parsed row then lacks it too. */
  readonly optional: boolean;
  /** The schema that parses the field's value; null where every value of its form is taken as it is. */
  readonly schema: z.ZodType | null;
}

// The parts of zod's definitions that are read here. Read structurally, since a definition may come from another copy of zod.
interface SchemaDefinition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly checks?: readonly unknown[];
  readonly check?: unknown;
  readonly coerce?: boolean;
  readonly catchall?: unknown;
}

const definitionOf = (schema: z.ZodType) => schema._zod.def as unknown as SchemaDefinition;

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
  return names.map((name, index) => ({ name, index, ...scalarField(shape[name] as z.ZodType) }));
}

function scalarField(schema: z.ZodType): Pick<ScalarField, "form" | "optional" | "schema"> {
  const definition = definitionOf(schema);
  const isPlain = !hasChecks(definition) && definition.check === undefined && definition.coerce !== true;
  if (isPlain && definition.type === "string") return { form: "text", optional: false, schema: null };
  if (isPlain && definition.type === "number") return { form: "number", optional: false, schema: null };
  if (isPlain && definition.type === "optional") {
    const inner = scalarField(definition.innerType!);
    // Where the inner schema has a say, it may make a value of what is missing.
    if (inner.schema === null) return { ...inner, optional: true };
  }
  return { form: "scalar", optional: false, schema };
}

function hasChecks({ checks }: SchemaDefinition): boolean {
  return checks !== undefined && checks.length > 0;
}
