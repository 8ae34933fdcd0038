import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const result = z.object({
  name: z.string(),
  /** The first seed, from 1 on, whose world breaks a rule; null: none did. */
  caughtBy: z.number().nullable(),
  /** The rule that it breaks. */
  invariant: z.string().nullable(),
  /** Whether it passes the unit tests; null: not tried. */
  passesUnitTests: z.boolean().nullable(),
});

/** What became of one mutant. */
export type MutantResult = z.infer<typeof result>;

const file = (root: string) => join(root, "test/simulation/mutants/results.json");

export async function readResults(root: string): Promise<readonly MutantResult[]> {
  return z.array(result).parse(JSON.parse(await readFile(file(root), "utf8").catch(() => "[]")));
}

export async function writeResults(root: string, results: readonly MutantResult[]): Promise<void> {
  await writeFile(file(root), `${JSON.stringify(results, null, 2)}\n`);
}
