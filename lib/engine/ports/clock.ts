/** The time now, in milliseconds since the Unix epoch. Injected everywhere; nothing else reads a clock. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
