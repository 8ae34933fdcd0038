import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * Bundles the worker with all that it runs, the code under test included: a worker starts at once, and names of
 * functions are not kept up at run time.
 *
 * @param root - the tree that holds `test/simulation`: the project's own, or a copy that a mutant was applied to.
 * @returns the bundle's file, in a folder of its own.
 */
export async function bundleWorker(root: string): Promise<string> {
  const outfile = join(await mkdtemp(join(tmpdir(), "freshet-simulation-")), "worker.cjs");
  await build({
    entryPoints: [join(root, "test/simulation/command/worker.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
  });
  return outfile;
}
