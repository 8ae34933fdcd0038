import type { z } from "zod";
import { quote, quoteAll } from "./refuse.ts";
import type { SchemaField } from "./schema-field.ts";
import { MAX_TEXT_BYTES } from "./stored-text.ts";

/** Of UTF-8, less one: a cut at a character's edge may leave so many bytes unused. */
const LONGEST_CHARACTER_BYTES = 3;

/**
 * Why no event can come under a key, which a vector would take for one without events for ever (R14); null where one
 * can. Keys are values as JavaScript writes them as text, cut to what is kept.
 *
 * @param name - of the field that the keys are of.
 */
export function keyProblem(key: string, name: string, field: SchemaField): string | null {
  const utf8 = new TextEncoder().encode(key);
  if (utf8.length > MAX_TEXT_BYTES) {
    return `has a key of ${utf8.length} bytes; keys are cut to ${MAX_TEXT_BYTES} bytes of UTF-8.`;
  }
  if (new TextDecoder("utf-8", { ignoreBOM: true }).decode(utf8) !== key) {
    return "has a key with half a character, which no text that is kept has.";
  }
  if (!isPossible(key, field)) {
    return `has the key ${quote(key)}; the keys of ${quote(name)} are ${possible(field)}.`;
  }
  // What a text near the limit was cut from may well fit.
  if (utf8.length > MAX_TEXT_BYTES - LONGEST_CHARACTER_BYTES || fits(key, field)) return null;
  return `has the key ${quote(key)}, which the schema of ${quote(name)} allows no event.`;
}

/** Whether the key is the text of a value that comes out of the field's schema as it goes in. */
function fits(key: string, { leaves }: SchemaField): boolean {
  if (leaves === null) return true;
  const values = [key, Number(key), key === "true"].filter((value) => String(value) === key);
  return leaves.some((leaf) => values.some((value) => isOutput(leaf, value)));
}

/** A refinement that throws tells nothing. */
function isOutput(schema: z.ZodType, value: unknown): boolean {
  try {
    const parsed = schema.safeParse(value);
    return parsed.success && Object.is(parsed.data, value);
  } catch {
    return true;
  }
}

function isPossible(key: string, { types, values }: SchemaField): boolean {
  if (values !== null) return values.map(String).includes(key);
  if (types.has("string") || types.has("unknown")) return true;
  if (types.has("boolean") && (key === "true" || key === "false")) return true;
  return types.has("number") && Number.isFinite(Number(key)) && String(Number(key)) === key;
}

function possible({ types, values }: SchemaField): string {
  if (values !== null) return quoteAll(values.map(String));
  return [
    ...(types.has("boolean") ? [quoteAll(["true", "false"])] : []),
    ...(types.has("number") ? ['numbers as JavaScript writes them, such as "1" and "0.5"'] : []),
  ].join(", and ");
}
