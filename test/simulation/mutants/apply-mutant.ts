import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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
  /** The files that it changes. */
  readonly changed: readonly string[];
  remove(): Promise<void>;
}

/**
 * Copies the tree and applies a mutant to the copy: the tree itself is left alone.
 *
 * @throws Error when the patch does not apply: the code has moved on, and the patch must follow.
 */
export async function applyMutant(root: string, name: string): Promise<MutatedTree> {
  const copy = await mkdtemp(join(tmpdir(), "freshet-mutant-"));
  const patch = join(root, "test/simulation/mutants", `${name}.patch`);
  const changed = [...(await readFile(patch, "utf8")).matchAll(/^\+\+\+ b\/(.*)$/gm)].map(
    ([, path]) => path!,
  );
  const remove = () => rm(copy, { recursive: true, force: true });
  try {
    for (const each of COPIED) {
      const filter = (path: string) => basename(path) !== "node_modules";
      await cp(join(root, each), join(copy, each), { recursive: true, force: true, filter }).catch(
        (error) => {
          if (error.code !== "ENOENT") throw error;
        },
      );
    }
    await symlink(join(root, "node_modules"), join(copy, "node_modules"), "dir");
    await run("git", ["apply", "-C1", patch], { cwd: copy });
  } catch (error) {
    await remove();
    throw new Error(`mutant ${name} does not apply: ${(error as Error).message}`, { cause: error });
  }
  return { root: copy, changed, remove };
}

/** By what a mutant breaks, the suites that run it: no other of engine, online, functions and poller imports it. */
const SUITES: readonly (readonly [changed: string, suites: readonly string[]])[] = [
  ["lib/engine/", ["test/engine", "test/online", "test/functions", "test/local/poller"]],
  ["lib/online/", ["test/online", "test/functions"]],
  ["lib/local/poller/", ["test/local/poller"]],
];

/** Whether a tree passes the unit tests of what was changed in it. */
export async function passesUnitTests({ root, changed }: MutatedTree): Promise<boolean> {
  const suites = SUITES.find(([folder]) => changed.some((path) => path.startsWith(folder)))![1];
  try {
    // A busy machine is no reason to fail.
    const options = ["--typecheck=false", "--bail=1", "--testTimeout=86400000", "--hookTimeout=86400000"];
    await run("node", ["node_modules/vitest/vitest.mjs", "run", ...options, ...suites], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    });
    return true;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === "number") return false;
    throw error;
  }
}
