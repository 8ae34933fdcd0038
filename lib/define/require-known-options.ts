import { type OptionNames, unknownOptions } from "./check-options.ts";
import { FreshetError } from "./error.ts";
import { quoteWithNearest } from "./nearest-name.ts";
import { quoteAll } from "./refuse.ts";

/**
 * Refuses options that do not exist, which JavaScript and variables let through: a misspelt one would be passed over.
 *
 * @throws FreshetError `OPTION_INVALID`, naming every such option and the one that it may stand for.
 */
export function requireKnownOptions(place: string, given: object, known: OptionNames): void {
  const unknown = unknownOptions(given, known);
  if (unknown.length === 0) return;
  const names = Object.keys(known);
  const listed = unknown.map((name) => quoteWithNearest(name, names)).join(" and no ");
  throw new FreshetError("OPTION_INVALID", `${place} has no ${listed}; allowed: ${quoteAll(names)}.`);
}
