/** Doubling waits, in milliseconds. */
export interface Backoff {
  readonly first: number;
  readonly max: number;
}

/** The wait after so many failures before. */
export function backoffMs({ first, max }: Backoff, failures: number): number {
  return Math.min(max, first * 2 ** Math.min(failures, 30));
}
