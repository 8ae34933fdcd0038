import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type BuildFailure, type BuildOptions, build, type Message, type Plugin } from "esbuild";
import { FreshetError } from "../define/error.ts";

/** The kit's own root, which entries and messages are named from. */
const KIT_ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The module that a function imports its user's definitions from. */
const DEFINITIONS_MODULE = "freshet:definitions";

/** Where a function of the kit begins. */
export function functionEntry(name: "aggregate" | "infer"): string {
  return join(KIT_ROOT, "functions", name, "index.ts");
}

/**
 * How a function is bundled with its user's definitions, for a deployment and for the local runtime alike: one ES
 * module for Node 20 and later that needs no package beside it.
 */
export function functionBuildOptions(options: {
  readonly entryFile: string;
  readonly definitionsFile: string;
  readonly outfile: string;
}): BuildOptions {
  return {
    entryPoints: [options.entryFile],
    outfile: options.outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // Packages' ES modules, where they have them: less code, and no wrappers around it.
    mainFields: ["module", "main"],
    charset: "utf8",
    legalComments: "none",
    absWorkingDir: KIT_ROOT,
    // Packages in CommonJS call require for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    plugins: [definitionsPlugin(resolve(options.definitionsFile))],
    logLevel: "silent",
  };
}

/** Resolves the definitions module; and the kit and zod, wherever they are imported, to the kit's own: one copy each. */
function definitionsPlugin(definitionsFile: string): Plugin {
  const kit = join(KIT_ROOT, "lib", "index.ts");
  const zod = createRequire(import.meta.url).resolve("zod/package.json");
  return {
    name: "freshet-definitions",
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${DEFINITIONS_MODULE}$`) }, () => ({ path: definitionsFile }));
      build.onResolve({ filter: /^freshet-kit$/ }, () => ({ path: kit }));
      build.onResolve({ filter: /^zod$/ }, () => ({ path: join(dirname(zod), "index.js") }));
    },
  };
}

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
      const reason = errors.length > 0 ? errors.slice(0, 3).map(describe).join("; ") : messageOf(cause);
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

function describe({ text, location }: Message): string {
  return location === null
    ? text
    : `${resolve(KIT_ROOT, location.file)}:${location.line}:${location.column + 1}: ${text}`;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
