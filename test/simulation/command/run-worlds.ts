import { Coverage } from "../coverage.ts";
import type { FaultName } from "../faults/registry.ts";
import { Pool } from "./pool.ts";
import type { Failure } from "./report.ts";

export interface RunWorlds {
  readonly bundle: string;
  readonly from: number;
  readonly seeds: number;
  readonly only: readonly FaultName[];
  readonly schedule: string | null;
  readonly workers: number;
  /** Stops at the first world that breaks a rule. */
  readonly untilFailure?: boolean;
  /** Whether to look for shorter worlds. @default true */
  readonly shrinks?: boolean;
  readonly onWorld?: (done: number, failed: number) => void;
  /** Told of a world that breaks a rule, as soon as it has. */
  readonly onFailure?: (seed: number) => void;
}

/** How many failing worlds are shrunk: all further ones are only counted. */
const MOST_SHRUNK = 3;

/** Runs many worlds, each in one of the workers. */
export async function runWorlds(
  options: RunWorlds,
): Promise<{ readonly coverage: Coverage; readonly failures: readonly Failure[] }> {
  const {
    bundle,
    from,
    seeds,
    only,
    schedule,
    workers,
    untilFailure = false,
    shrinks = true,
    onWorld,
    onFailure,
  } = options;
  const pool = new Pool(bundle, Math.min(workers, seeds));
  const coverage = new Coverage();
  const failures: Failure[] = [];
  let next = from;
  const lane = async () => {
    while (next < from + seeds && !(untilFailure && failures.length > 0)) {
      const seed = next++;
      const { result } = await pool.ask<"run">({ kind: "run", seed, only, schedule });
      coverage.add(result);
      if (result.violations.length > 0) {
        failures.push({ seed, first: result, shrunk: null });
        onFailure?.(seed);
      }
      onWorld?.(coverage.worlds, failures.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(workers, seeds) }, lane));
    failures.sort((left, right) => left.seed - right.seed);
    if (!shrinks || schedule !== null) return { coverage, failures };
    const shrunk = await Promise.all(
      failures.slice(0, MOST_SHRUNK).map(async (failure) => {
        const { invariant } = failure.first.violations[0]!;
        const answer = await pool.ask<"shrink">({ kind: "shrink", seed: failure.seed, only, invariant });
        return { ...failure, shrunk: answer };
      }),
    );
    return { coverage, failures: [...shrunk, ...failures.slice(MOST_SHRUNK)] };
  } finally {
    await pool.close();
  }
}
