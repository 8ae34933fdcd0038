import type { FeatureValue } from "../../../lib/define/types.ts";
import type { Difference } from "../../command/difference.ts";
import { atDeparture } from "../definitions.ts";
import type { Flight } from "../flights.ts";
import { agrees } from "./agreement.ts";
import { type RecountedMoment, recountVector } from "./recount-vector.ts";

/** A scored departure: what the API answered, and what the engine gives in process for the same flight. */
export interface ScoredDeparture {
  readonly flight: Flight;
  readonly served: { readonly score: number; readonly features: Readonly<Record<string, number | null>> };
  readonly swept: { readonly score: number; readonly vector: readonly number[] };
}

/**
 * Holds a served vector to the recount's, within each feature's agreement, and to the vector and the score of the
 * engine's sweep, bit for bit.
 */
export function verifyVector(departure: ScoredDeparture, moment: RecountedMoment): readonly Difference[] {
  const { flight, served, swept } = departure;
  const differences: Difference[] = [];
  const differ = (
    check: Difference["check"],
    feature: string,
    expected: FeatureValue | undefined,
    actual: FeatureValue | undefined,
  ): void => {
    differences.push({
      check,
      asOfMs: flight.scheduledMs,
      subject: `d${flight.row} ${flight.origin}-${flight.destination}`,
      feature,
      expected,
      actual,
    });
  };
  const recounted = recountVector(flight, moment);
  for (const [index, name] of atDeparture.vector.entries()) {
    const actual = served.features[name];
    const expected = recounted[name];
    if (
      expected === undefined ||
      actual === undefined ||
      !agrees(expected.agreement, expected.value, actual)
    ) {
      differ("vector", name, expected?.value, actual);
    }
    const value = swept.vector[index]!;
    const known = Number.isNaN(value) ? null : value;
    if (!Object.is(known, actual)) differ("engine", name, known, actual);
  }
  const names = Object.keys(served.features);
  if (names.join() !== atDeparture.vector.join()) {
    differ("vector", "names", atDeparture.vector.join(), names.join());
  }
  if (served.score !== swept.score) differ("engine", "score", swept.score, served.score);
  return differences;
}
