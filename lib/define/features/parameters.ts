import type { AggregationName, AggregationParameters } from "../aggregation-call.ts";
import { type Duration, parseDuration } from "../duration.ts";
import { quote, refuse } from "../refuse.ts";

/** Settings as the builder was given them, not yet checked. */
export type GivenParameters = Readonly<Record<string, unknown>>;

/** The most values that `firstK`, `lastK`, `topK`, `bottomK` and `approxTopK` answer. */
export const MAX_K = 50;
/** The most that `distinct` can be set to tell apart, and what it does by default. */
export const MAX_DISTINCT = 1_000;
export const DEFAULT_DISTINCT = 128;
/** The most values that `approxTopK` can be set to count, and what it does by default. */
export const MAX_CAPACITY = 256;
export const DEFAULT_CAPACITY = 64;
/** The most edges of a histogram. */
export const MAX_EDGES = 64;

const CHECKS: Readonly<
  Partial<Record<AggregationName, (place: string, given: GivenParameters) => AggregationParameters>>
> = {
  approxPercentile: (place, { p }) => {
    if (typeof p !== "number" || !(p >= 0 && p <= 1)) {
      refuse(place, `p is ${quote(p)}; write a fraction from 0 to 1, such as 0.9 for the 90th percentile.`);
    }
    return { p };
  },
  firstK: (place, { k }) => ({ k: wholeNumber(place, "k", k, 1, MAX_K) }),
  lastK: (place, { k }) => ({ k: wholeNumber(place, "k", k, 1, MAX_K) }),
  topK: (place, { k }) => ({ k: wholeNumber(place, "k", k, 1, MAX_K) }),
  bottomK: (place, { k }) => ({ k: wholeNumber(place, "k", k, 1, MAX_K) }),
  approxTopK: (place, { k: given, capacity }) => {
    const k = wholeNumber(place, "k", given, 1, MAX_K);
    return { k, capacity: wholeNumber(place, "capacity", capacity ?? DEFAULT_CAPACITY, k, MAX_CAPACITY) };
  },
  distinct: (place, { max }) => ({
    max: wholeNumber(place, "max", max ?? DEFAULT_DISTINCT, 1, MAX_DISTINCT),
  }),
  rate: (place, { per }) => ({ perMs: duration(place, "per", per ?? "1s") }),
  expDecaySum: (place, { halfLife }) => ({ halfLifeMs: duration(place, "halfLife", halfLife) }),
  expDecayCount: (place, { halfLife }) => ({ halfLifeMs: duration(place, "halfLife", halfLife) }),
  histogram: (place, { edges }) => ({ edges: checkEdges(place, edges) }),
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
  return CHECKS[aggregation]?.(place, given) ?? {};
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

function checkEdges(place: string, edges: unknown): readonly number[] {
  if (!Array.isArray(edges) || edges.length === 0 || edges.length > MAX_EDGES) {
    const given = Array.isArray(edges) ? `lists ${edges.length} numbers` : `is ${quote(edges)}`;
    refuse(
      place,
      `edges ${given}; list 1 to ${MAX_EDGES} numbers, ascending, where one bucket ends and the next begins.`,
    );
  }
  for (const [index, edge] of edges.entries()) {
    if (typeof edge !== "number" || !Number.isFinite(edge)) {
      refuse(place, `edges lists ${quote(edge)}; list finite numbers.`);
    }
    if (index > 0 && edge <= edges[index - 1]) {
      refuse(place, `edges lists ${edge} after ${edges[index - 1]}; list them ascending, each once.`);
    }
  }
  // Zero has one sign (R8), and its name in the structure is one.
  return edges.map((edge: number) => edge + 0);
}
