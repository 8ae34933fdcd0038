import type { Construct } from "constructs";
import { refuseProp } from "./refuse-prop.ts";
import { tellGiven } from "./tell-given.ts";

/** One of the kit's constructs. */
type PartClass = abstract new (...parameters: never) => object;

/**
 * Refuses what is no construct of the kit's: the table of a FeatureTable, say.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkPart(construct: Construct, name: string, given: unknown, Part: PartClass): void {
  if (given instanceof Part) return;
  refuseProp(construct, `${name} is ${tellGiven(given)}; it is an instance of ${Part.name}.`);
}

/**
 * Refuses what is no list of constructs of the kit's.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function checkParts(construct: Construct, name: string, given: unknown, Part: PartClass): void {
  if (!Array.isArray(given)) {
    refuseProp(construct, `${name} is ${tellGiven(given)}; it is a list of instances of ${Part.name}.`);
  }
  for (const [index, each] of given.entries()) checkPart(construct, `${name}[${index}]`, each, Part);
}
