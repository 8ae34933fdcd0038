import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildFailure, build } from "esbuild";
import { buildMessage, functionBuildOptions } from "../bundle/function-build.ts";
import { KIT_ROOT } from "../bundle/kit-modules.ts";
import { FreshetError } from "../define/error.ts";

/**
 * Bundles a function as it would be deployed and imports it. Nothing stays on the disk.
 *
 * @throws FreshetError `BUNDLE_FAILED`, naming the file and line, when it cannot be built or throws while it loads.
 *
 * @example
 * ```ts
 * const { createInferApp } = await importFunction<typeof import("../../functions/infer/index.ts")>({
 *   entryFile: functionEntry("infer"),
 *   definitionsFile: "./definitions.ts",
 * });
 * ```
 */
export async function importFunction<Exports>(options: {
  readonly entryFile: string;
  readonly definitionsFile: string;
}): Promise<Exports> {
  const { entryFile, definitionsFile } = options;
  const what = `function ${relative(KIT_ROOT, entryFile)} with definitions ${definitionsFile}`;
  const folder = await mkdtemp(join(tmpdir(), "freshet-"));
  try {
    const outfile = join(folder, "index.mjs");
    try {
      await build(functionBuildOptions({ entryFile, definitionsFile, outfile }));
    } catch (cause) {
      const errors = (cause as Partial<BuildFailure>).errors ?? [];
      const reason = errors.length > 0 ? errors.slice(0, 3).map(buildMessage).join("; ") : messageOf(cause);
      throw new FreshetError("BUNDLE_FAILED", `${what} could not be bundled: ${reason}`, { cause });
    }
    try {
      return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Exports;
    } catch (cause) {
      throw new FreshetError("BUNDLE_FAILED", `${what} threw while it was loaded: ${messageOf(cause)}`, {
        cause,
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
