import type { OptionNames } from "./check-options.ts";
import { quote, refuse } from "./refuse.ts";
import type { Documented } from "./types.ts";

/** The options that every definition has. */
export const DOCUMENTED: OptionNames<Documented> = { owner: true, description: true };

/**
 * The notes among a definition's options.
 *
 * @throws FreshetError `DEFINITION_INVALID` for one that is not text.
 */
export function documentedOf(place: string, { owner, description }: Documented): Documented {
  for (const [option, value] of Object.entries({ owner, description })) {
    if (value !== undefined && typeof value !== "string")
      refuse(place, `${option} is ${quote(value)}; write text.`);
  }
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(description === undefined ? {} : { description }),
  };
}
