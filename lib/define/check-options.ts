import { quoteWithNearest } from "./nearest-name.ts";
import { quote, quoteAll, refuse } from "./refuse.ts";

/** The names that an options object may have, as keys. `OptionNames<SomeOptions>` has all of that type's, and no other. */
export type OptionNames<Options = Record<string, unknown>> = {
  readonly [Name in keyof Required<Options>]: unknown;
};

/**
 * Refuses what is no object of options, and options that do not exist (R14): a misspelt one would be passed over without
 * a word. One that is undefined is not given.
 *
 * @param what - the options as the message names them, such as `over's options`.
 * @throws FreshetError `DEFINITION_INVALID`, naming every option that does not exist and the one that it may stand for.
 */
export function checkOptions(place: string, given: unknown, known: OptionNames, what = "the options"): void {
  if (!isRecord(given)) refuse(place, `${what} are ${quote(given)}; write an object.`);
  const names = Object.keys(known);
  const unknown = unknownOptions(given, known);
  if (unknown.length === 0) return;
  const listed = unknown.map((name) => quoteWithNearest(name, names));
  refuse(place, `${what} have no ${listed.join(" and no ")}; allowed: ${quoteAll(names)}.`);
}

/** The names of what is given that are not known. */
export function unknownOptions(given: object, known: OptionNames): readonly string[] {
  const unknown: string[] = [];
  // Options may be inherited: what reads them does not care.
  for (const name in given) {
    if (!Object.hasOwn(known, name) && given[name as keyof typeof given] !== undefined) unknown.push(name);
  }
  return unknown;
}

/** True for an object of names; false for lists, functions, dates, maps and the like, whatever they hold. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object.prototype.toString.call(value) === "[object Object]";
}
