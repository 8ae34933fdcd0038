import type { z } from "zod";
import { refuse } from "./refuse.ts";
import { isSchema, SCHEMA_PARTS } from "./schema-parts.ts";

type Callable = (...values: never[]) => unknown;

/** What a check or a transform is given: zod's own shape. */
interface Payload {
  value: unknown;
  issues: unknown[];
}

// Read structurally, since a definition may come from another copy of zod.
interface SchemaDefinition {
  readonly type: string;
  readonly checks?: readonly Check[];
  readonly transform?: Callable;
  readonly getter?: () => z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly values?: readonly unknown[];
}

interface Check {
  readonly _zod: {
    readonly def: { readonly check: string; readonly tx?: Callable };
    readonly check: (payload: Payload) => unknown;
  };
}

/**
 * Refuses a schema that can only be parsed asynchronously (R14): every record would be quarantined, every request
 * refused. Which of a user's functions answer a promise is learnt by calling each once, on a sample of its type.
 *
 * @param option - what the schema is to the definition, such as `schema`.
 * @throws FreshetError `DEFINITION_INVALID`, naming the field.
 */
export function checkSynchronous(place: string, option: string, schema: z.ZodType): void {
  visit(schema, [option], new Set(), (path, what) =>
    refuse(
      place,
      `${path.join(".")} has ${what} that answers a promise; write a plain function, which returns its value at once.`,
    ),
  );
}

type Report = (path: readonly string[], what: string) => void;

function visit(schema: z.ZodType, path: readonly string[], seen: Set<unknown>, report: Report): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  const definition = schema._zod.def as unknown as SchemaDefinition;
  if (definition.type === "promise") report(path, "z.promise(), a schema");
  const sample = sampleOf(schema);
  // A schema of z.custom() is a check itself.
  const own = definition.type === "custom" ? [schema as unknown as Check] : [];
  for (const check of [...own, ...(definition.checks ?? [])]) {
    const { def } = check._zod;
    const payload: Payload = { value: sample, issues: [] };
    if (def.check === "custom" && answersPromise(() => check._zod.check(payload)))
      report(path, "a refinement");
    if (def.tx !== undefined && answersPromise(() => (def.tx as (value: unknown) => unknown)(sample)))
      report(path, "an overwrite");
  }
  const { transform, getter } = definition;
  if (transform !== undefined) {
    const payload: Payload = { value: sample, issues: [] };
    if (answersPromise(() => (transform as (...values: unknown[]) => unknown)(sample, payload)))
      report(path, "a transform");
  }
  // A recursive schema may make itself anew at each call, by the same getter.
  if (getter !== undefined && !seen.has(getter)) {
    seen.add(getter);
    visit(getter(), path, seen, report);
  }
  for (const part of SCHEMA_PARTS) {
    const value = (definition as unknown as Record<string, unknown>)[part];
    if (isSchema(value)) visit(value, path, seen, report);
    else if (typeof value === "object" && value !== null) {
      for (const [name, each] of Object.entries(value)) {
        if (isSchema(each)) visit(each, part === "shape" ? [...path, name] : path, seen, report);
      }
    }
  }
}

/** A function that throws on the sample tells nothing: a refinement may well rely on the checks before it. */
function answersPromise(call: () => unknown): boolean {
  try {
    const answer = call();
    if (!(answer instanceof Promise)) return false;
    answer.catch(() => undefined);
    return true;
  } catch {
    return false;
  }
}

function sampleOf(schema: z.ZodType): unknown {
  const { type, shape, entries, values } = schema._zod.def as unknown as SchemaDefinition;
  switch (type) {
    case "string":
    case "template_literal":
      return "";
    case "number":
    case "int":
      return 0;
    case "boolean":
      return false;
    case "enum":
      return Object.values(entries ?? {})[0];
    case "literal":
      return values?.[0];
    case "array":
      return [];
    case "object":
      return Object.fromEntries(Object.entries(shape ?? {}).map(([name, each]) => [name, sampleOf(each)]));
    default:
      return undefined;
  }
}
