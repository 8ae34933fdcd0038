import { FreshetError } from "./error.ts";

/**
 * Refuses a definition (R14).
 *
 * @param place - what was being defined, such as `view "card", feature "spend"`.
 * @throws FreshetError `DEFINITION_INVALID`, always.
 */
export function refuse(place: string, problem: string, options: { cause?: unknown } = {}): never {
  throw new FreshetError("DEFINITION_INVALID", `${place}: ${problem}`, options);
}

/** A value as an error message quotes it: JSON where there is any, cut to a readable length; of a function, that it is one. */
export function quote(value: unknown): string {
  if (typeof value === "function") return "a function";
  // JSON has no NaN.
  if (typeof value === "number") return String(value);
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    text = String(value);
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** A list of allowed names for an error message: `"a", "b" and "c"`. */
export function quoteAll(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const quoted = names.map((name) => JSON.stringify(name));
  return quoted.length === 1 ? quoted[0]! : `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;
}
