import { quote } from "../define/refuse.ts";

/** What was given, for an error message. A construct as JSON would be its whole tree, which has circles. */
export function tellGiven(given: unknown): string {
  if (given === undefined) return "not given";
  if (typeof given !== "object" || given === null) return quote(given);
  const kind = given.constructor?.name ?? "Object";
  return `${/^[AEIO]/.test(kind) ? "an" : "a"} ${kind}`;
}
