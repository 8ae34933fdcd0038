import { FreshetError } from "../../define/error.ts";

/** What the API refuses to go beyond. Each limit has a problem type of its own. */
export interface ServeLimits {
  /** The largest request body, in bytes: `body-too-large`. @default 1048576 */
  readonly bodyBytes: number;
  /** The most entities of one request: `too-many-entities`. @default 500 */
  readonly entities: number;
  /** The most values of one history: `range-too-wide`. @default 20000 */
  readonly historyTiles: number;
  /** How long a request may take, waiting for its turn included: `time-limit-exceeded`. @default 10000 */
  readonly timeMs: number;
  /** Requests that are worked on at a time. @default 64 */
  readonly concurrentRequests: number;
  /** Requests that wait for their turn; a further one is answered `overloaded`. @default 256 */
  readonly waitingRequests: number;
}

/** The limits where none are given. */
export const DEFAULT_LIMITS: ServeLimits = {
  bodyBytes: 1_048_576,
  entities: 500,
  historyTiles: 20_000,
  timeMs: 10_000,
  concurrentRequests: 64,
  waitingRequests: 256,
};

/**
 * The limits with the defaults for those that are not given.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function serveLimits(given: Partial<ServeLimits> = {}): ServeLimits {
  const limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    const least = name === "waitingRequests" ? 0 : 1;
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new FreshetError(
      "OPTION_INVALID",
      `limit ${name} is ${value}; it is a whole number from ${least} on.`,
    );
  }
  return limits;
}
