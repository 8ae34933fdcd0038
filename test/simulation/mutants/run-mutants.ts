import { bundleWorker } from "../command/bundle.ts";
import { runWorlds } from "../command/run-worlds.ts";
import { applyMutant, passesUnitTests } from "./apply-mutant.ts";
import { type Mutant, mutants } from "./mutant.ts";
import { type MutantResult, readResults, writeResults } from "./results.ts";
import { writeTable } from "./write-table.ts";

/** A mutant that as many worlds pass by is not caught. */
export const MOST_SEEDS = 100;

export interface MutantOptions {
  /** The project's tree. */
  readonly root: string;
  readonly workers: number;
  /** Whether to run the unit tests of each: many minutes. */
  readonly hasUnitTests: boolean;
  /** Only these. @default all */
  readonly names?: readonly string[];
}

/** Applies each mutant to a copy of the tree, runs worlds until one breaks a rule, and writes the table of the docs. */
export async function runMutants(options: MutantOptions): Promise<number> {
  const { root, names = [] } = options;
  const results = new Map((await readResults(root)).map((result) => [result.name, result]));
  const chosen = mutants.filter(({ name }) => names.length === 0 || names.includes(name));
  const sound = await bundleWorker(root);
  let escaped = 0;
  for (const mutant of chosen) {
    let result: MutantResult;
    try {
      result = await runMutant(mutant, options, { sound, before: results.get(mutant.name) });
    } catch (error) {
      console.log((error as Error).message);
      escaped++;
      continue;
    }
    results.set(mutant.name, result);
    if (result.caughtBy === null) escaped++;
    const verdict =
      result.caughtBy === null
        ? `was not caught by ${MOST_SEEDS} seeds`
        : `was caught by seed ${result.caughtBy}: ${result.invariant}`;
    console.log(`${mutant.name} ${verdict}`);
    const known = mutants.flatMap(({ name }) => results.get(name) ?? []);
    await writeResults(root, known);
    await writeTable(root, known);
  }
  return escaped === 0 ? 0 : 1;
}

async function runMutant(
  { name, faults: only = [] }: Mutant,
  { root, workers, hasUnitTests }: MutantOptions,
  { sound, before }: { readonly sound: string; readonly before: MutantResult | undefined },
): Promise<MutantResult> {
  const tree = await applyMutant(root, name);
  try {
    const bundle = await bundleWorker(tree.root);
    const worlds = { only, schedule: null, workers, untilFailure: true, shrinks: false };
    const { failures } = await runWorlds({ ...worlds, bundle, from: 1, seeds: MOST_SEEDS });
    const first = failures[0];
    if (first !== undefined) {
      const without = await runWorlds({ ...worlds, bundle: sound, from: first.seed, seeds: 1 });
      if (without.failures.length > 0) {
        throw new Error(`seed ${first.seed} breaks a rule without mutant ${name}: mend that first.`);
      }
    }
    return {
      name,
      caughtBy: first?.seed ?? null,
      invariant: first?.first.violations[0]?.invariant ?? null,
      passesUnitTests: hasUnitTests ? await passesUnitTests(tree) : (before?.passesUnitTests ?? null),
    };
  } finally {
    await tree.remove();
  }
}
