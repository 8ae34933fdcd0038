import type { FeatureValue } from "../../lib/define/types.ts";

/** One value that is not what it should be. */
export interface Difference {
  /** What was compared, such as `"read"` or `"count"`. */
  readonly check: string;
  /** Epoch milliseconds. */
  readonly asOfMs: number;
  /** View and key, or whatever else it is of. */
  readonly subject: string;
  readonly feature: string;
  readonly expected: FeatureValue | undefined;
  readonly actual: FeatureValue | undefined;
}

/** A difference as a line of the report. */
export function describeDifference(difference: Difference): string {
  const { check, asOfMs, subject, feature, expected, actual } = difference;
  const at = new Date(asOfMs).toISOString();
  return `${check} at ${at}: ${subject}: ${feature} is ${format(actual)}, expected ${format(expected)}`;
}

const format = (value: FeatureValue | undefined): string =>
  value === undefined ? "missing" : JSON.stringify(value);

const MOST_LISTED = 50;

/** Writes differences to standard error, a line each, the first fifty. */
export function listDifferences(differences: readonly Difference[]): void {
  for (const difference of differences.slice(0, MOST_LISTED)) {
    process.stderr.write(`${describeDifference(difference)}\n`);
  }
  if (differences.length > MOST_LISTED) {
    process.stderr.write(`and ${differences.length - MOST_LISTED} more differences\n`);
  }
}
