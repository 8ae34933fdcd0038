import { systemTimer, type Timer } from "../engine/ports/timer.ts";

/** Waiting and chance, injected so that tests and simulations own both. */
export interface Timing extends Timer {
  /** Uniform in [0, 1). */
  random(): number;
}

/** The machine's timer and generator. */
export const systemTiming: Timing = {
  ...systemTimer,
  random: () => Math.random(),
};

/** How calls are sent again. */
export interface BackoffOptions {
  /**
   * The longest first wait, in milliseconds; each further one is twice as long.
   * @default 25
   */
  readonly baseMs?: number;
  /**
   * The longest wait of all, in milliseconds.
   * @default 2000
   */
  readonly capMs?: number;
  /**
   * How often a call is sent before it is given up.
   * @default 8
   */
  readonly attempts?: number;
}

/** Waits that double from the first to the longest, in milliseconds. */
export interface Backoff {
  readonly first: number;
  readonly max: number;
}

/** The wait after so many failures, or empty reads, before. */
export function backoffMs({ first, max }: Backoff, failuresBefore: number): number {
  return Math.min(max, first * 2 ** Math.min(failuresBefore, 30));
}

/** Exponential backoff with full jitter: a wait between nothing and the bound of its attempt, counted from 0. */
export function fullJitterMs(attempt: number, random: () => number, options: BackoffOptions = {}): number {
  const { baseMs = 25, capMs = 2_000 } = options;
  return Math.floor(random() * backoffMs({ first: baseMs, max: capMs }, attempt));
}
