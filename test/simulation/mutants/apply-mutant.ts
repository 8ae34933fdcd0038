import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What the suites and the simulation are made of. */
const COPIED = [
  "bench",
  "bin",
  "docs",
  "examples",
  "functions",
  "lib",
  "test",
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
  "biome.json",
  "README.md",
];

/** A copy of the tree that a mutant was applied to. */
export interface MutatedTree {
  readonly root: string;
  remove(): Promise<void>;
}

/**
 * Copies the tree and applies a mutant to the copy: the tree itself is left alone.
 *
 * @throws Error when the patch does not apply: the code has moved on, and the patch must follow.
 */
export async function applyMutant(root: string, name: string): Promise<MutatedTree> {
  const copy = await mkdtemp(join(tmpdir(), "freshet-mutant-"));
  const remove = () => rm(copy, { recursive: true, force: true });
  try {
    for (const each of COPIED) {
      await cp(join(root, each), join(copy, each), { recursive: true, force: true }).catch((error) => {
        if (error.code !== "ENOENT") throw error;
      });
    }
    await symlink(join(root, "node_modules"), join(copy, "node_modules"), "dir");
    const patch = join(root, "test/simulation/mutants", `${name}.patch`);
    await run("git", ["apply", "-C1", patch], { cwd: copy });
  } catch (error) {
    await remove();
    throw new Error(`mutant ${name} does not apply: ${(error as Error).message}`, { cause: error });
  }
  return { root: copy, remove };
}

/** The suites that a mutant is to pass for its simulation to be worth something. */
const SUITES = ["test/engine", "test/online", "test/local"];

/** Whether a tree passes its unit tests. */
export async function passesUnitTests({ root }: MutatedTree): Promise<boolean> {
  try {
    await run("node", ["node_modules/vitest/vitest.mjs", "run", "--typecheck=false", "--bail=1", ...SUITES], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    });
    return true;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === "number") return false;
    throw error;
  }
}
