import type { AggregationName, AggregationParameters } from "../aggregation-call.ts";
import { type Duration, parseDuration } from "../duration.ts";
import { quote, refuse } from "../refuse.ts";

/** Settings as the builder was given them, not yet checked. */
export type GivenParameters = Readonly<Record<string, unknown>>;

/** What a setting may be, and what it is where it is not given; without a `standard` it must be. */
export type Setting =
  | {
      readonly kind: "whole number";
      readonly least: number | "k";
      readonly most: number;
      readonly standard?: number;
    }
  | { readonly kind: "duration"; readonly standard?: Duration }
  | { readonly kind: "fraction" }
  | { readonly kind: "ascending numbers"; readonly most: number };

const k = { kind: "whole number", least: 1, most: 50 } as const;
const halfLife = { kind: "duration" } as const;

/** The settings of the aggregations that have any, by option. A duration becomes the parameter of its name and `Ms`. */
export const AGGREGATION_SETTINGS: Readonly<
  Partial<Record<AggregationName, Readonly<Record<string, Setting>>>>
> = {
  approxPercentile: { p: { kind: "fraction" } },
  firstK: { k },
  lastK: { k },
  topK: { k },
  bottomK: { k },
  approxTopK: { k, capacity: { kind: "whole number", least: "k", most: 256, standard: 64 } },
  distinct: { max: { kind: "whole number", least: 1, most: 1_000, standard: 128 } },
  rate: { per: { kind: "duration", standard: "1s" } },
  histogram: { edges: { kind: "ascending numbers", most: 64 } },
  expDecaySum: { halfLife },
  expDecayCount: { halfLife },
};

/**
 * The settings of an aggregation, checked.
 *
 * @throws FreshetError `DEFINITION_INVALID` for one that is missing or out of its bounds.
 */
export function parametersOf(
  place: string,
  aggregation: AggregationName,
  given: GivenParameters,
): AggregationParameters {
  const parameters: Record<string, number | readonly number[]> = {};
  for (const [option, setting] of Object.entries(AGGREGATION_SETTINGS[aggregation] ?? {})) {
    const value = given[option];
    switch (setting.kind) {
      case "whole number": {
        const least = setting.least === "k" ? (parameters.k as number) : setting.least;
        parameters[option] = wholeNumber(place, option, value ?? setting.standard, least, setting.most);
        break;
      }
      case "duration":
        parameters[`${option}Ms`] = duration(place, option, value ?? setting.standard);
        break;
      case "fraction":
        parameters[option] = fraction(place, option, value);
        break;
      case "ascending numbers":
        parameters[option] = ascending(place, option, value, setting.most);
    }
  }
  return parameters;
}

function wholeNumber(place: string, option: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  return refuse(place, `${option} is ${quote(value)}; write a whole number from ${least} to ${most}.`);
}

function duration(place: string, option: string, value: unknown): number {
  if (typeof value !== "string")
    refuse(place, `${option} is ${quote(value)}; write a duration such as "1h".`);
  return parseDuration(value as Duration, `${place}, ${option}`);
}

function fraction(place: string, option: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  return refuse(
    place,
    `${option} is ${quote(value)}; write a fraction from 0 to 1, such as 0.9 for the 90th percentile.`,
  );
}

function ascending(place: string, option: string, values: unknown, most: number): readonly number[] {
  if (!Array.isArray(values) || values.length === 0 || values.length > most) {
    const given = Array.isArray(values) ? `lists ${values.length} numbers` : `is ${quote(values)}`;
    refuse(
      place,
      `${option} ${given}; list 1 to ${most} numbers, ascending, where one bucket ends and the next begins.`,
    );
  }
  for (const [index, value] of values.entries()) {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      refuse(place, `${option} lists ${quote(value)}; list finite numbers.`);
    }
    if (index > 0 && value <= values[index - 1]) {
      refuse(place, `${option} lists ${value} after ${values[index - 1]}; list them ascending, each once.`);
    }
  }
  // Zero has one sign (R8), and its name in the structure is one.
  return values.map((value: number) => value + 0);
}
