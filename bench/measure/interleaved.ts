/** One of several things that are measured in turn. */
export interface Contender {
  readonly name: string;
  /** Measures once. */
  readonly measure: () => number;
}

/**
 * Measures contenders in turn, `runs` times around after one that does not count: what slows the machine slows all of
 * them. Answers each one's values, in the order of the runs.
 */
export function measureInterleaved(
  contenders: readonly Contender[],
  runs: number,
): ReadonlyMap<string, readonly number[]> {
  const values = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let run = -1; run < runs; run++) {
    for (const { name, measure } of contenders) {
      const value = measure();
      if (run >= 0) values.get(name)!.push(value);
    }
  }
  return values;
}

/** What each run's first value is of its second. */
export function ratios(of: readonly number[], to: readonly number[]): readonly number[] {
  return of.map((value, run) => value / to[run]!);
}
