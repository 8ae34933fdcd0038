import type { StalePolicy } from "../define/types.ts";
import type { FeatureReading } from "../online/reader.ts";

const LONGEST_RETRY_SECONDS = 60;

/** The response header that names every view whose SLA an answer violates, with its status. */
export const VIOLATION_HEADER = "X-Freshness-Violation";

/** The parts of a reading that freshness is judged by. */
export type Freshness = Pick<FeatureReading, "status" | "lagMs" | "slaMs">;

/**
 * How a reading violates its view's SLA (R11), null where it does not: `unknown` where its lag is not known, `stale`
 * where the lag is over the SLA or the reader says so.
 *
 * A warming view is no violation by itself: its lag is in order, and what it lacks is events from before it existed,
 * which waiting a Retry-After would not bring. Its status is in the answer. A warming view that also lags is one.
 */
export function slaViolation({ status, lagMs, slaMs }: Freshness): "stale" | "unknown" | null {
  if (status === "unknown" || lagMs === null) return "unknown";
  return status === "stale" || lagMs > slaMs ? "stale" : null;
}

/** What was done about one view of an answer: the policy where it violates the SLA, else `serve`. */
export function policyApplied(reading: Freshness, policy: StalePolicy): StalePolicy {
  return slaViolation(reading) === null ? "serve" : policy;
}

/** The policy that a model's own violated views met, of the policy of an outcome: a fallback that scored was served. */
export function ownPolicy({ policy }: { readonly policy: StalePolicy }): StalePolicy {
  return policy === "fallback" ? "serve" : policy;
}

/** The violations among readings as the header writes them (`card=stale, payee=unknown`); null for none. */
export function violationHeader(
  readings: readonly (Freshness & { readonly alias: string })[],
): string | null {
  const violations = readings.flatMap((reading) => {
    const violation = slaViolation(reading);
    return violation === null ? [] : [`${reading.alias}=${violation}`];
  });
  return violations.length === 0 ? null : [...new Set(violations)].join(", ");
}

/**
 * When a rejected client should try again: the time by which the worst lag exceeds its SLA, at least 1 s and at most
 * a minute; a minute too where a lag is unknown.
 */
export function retryAfterSeconds(readings: readonly Freshness[]): number {
  const excessMs = readings.map(({ lagMs, slaMs }) =>
    lagMs === null ? Number.POSITIVE_INFINITY : lagMs - slaMs,
  );
  return Math.min(LONGEST_RETRY_SECONDS, Math.max(1, Math.ceil(Math.max(0, ...excessMs) / 1000)));
}
