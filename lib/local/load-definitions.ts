import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type BuildFailure, build } from "esbuild";
import { requireDefinitionsFile } from "../bundle/require-definitions-file.ts";
import { collectDefinitions } from "../define/collect-definitions.ts";
import { FreshetError } from "../define/error.ts";
import type { Definitions } from "../define/types.ts";
import { checkStructureLock } from "../lock/structure-lock.ts";
import { hostModulesPlugin } from "./host-modules.ts";

/** How {@link loadDefinitions} treats the lock file beside the definitions (R13). */
export interface LoadOptions {
  /**
   * `check`: known views must be unchanged, and new ones are added to the lock file unless `frozen`.
   * `update`: the same, with new ones added even if frozen. `verify`: known views must be unchanged, and nothing is
   * written. `ignore`: the lock file is neither read nor written.
   * @default "check"
   */
  readonly lock?: "check" | "update" | "verify" | "ignore";
  /** Whether a view that the lock file does not know is refused. @default true where the environment variable CI is set to other than "false" */
  readonly frozen?: boolean;
}

/**
 * Loads a TypeScript or JavaScript module of definitions: bundles it, runs it, gathers and checks what it exports.
 *
 * @param file - path (against the working folder) or file URL of the module.
 * @throws FreshetError `DEFINITIONS_NOT_FOUND`, `DEFINITIONS_NOT_LOADABLE` (it does not compile, throws, or holds no
 *   definitions), `DEFINITION_INVALID`, `STRUCTURE_CHANGED`, `STRUCTURE_NOT_LOCKED`.
 * @example
 * ```ts
 * const { views, models } = await loadDefinitions("examples/flights/definitions.ts");
 * ```
 */
export async function loadDefinitions(file: string | URL, options: LoadOptions = {}): Promise<Definitions> {
  const path = resolve(typeof file === "string" ? file : fileURLToPath(file));
  requireDefinitionsFile(path);
  const definitions = collectDefinitions(await importBundled(path));
  if (Object.values(definitions).every((each) => each.length === 0)) {
    throw new FreshetError(
      "DEFINITIONS_NOT_LOADABLE",
      `${path} exports no definitions; export what source, view, service or model return.`,
    );
  }
  const { lock = "check", frozen = isContinuousIntegration() } = options;
  if (lock !== "ignore") {
    const unknown = lock === "verify" ? "allow" : frozen && lock === "check" ? "refuse" : "add";
    await checkStructureLock(path, definitions.views, { unknown });
  }
  return definitions;
}

/** True where the environment variable CI is set to other than "false". */
export function isContinuousIntegration(): boolean {
  const { CI } = process.env;
  return CI !== undefined && CI !== "" && CI !== "false";
}

/** How {@link importBundled} imports a module. */
export interface ImportOptions {
  /** What the module gets for `freshet-kit`. @default the kit itself */
  readonly kit?: object;
  /** Told of the bundle's source map before the bundle runs; its paths are against `folder`. */
  readonly onSourceMap?: (map: string, folder: string) => void;
}

/**
 * Bundles a definitions module and runs it.
 *
 * @param path - absolute.
 * @throws FreshetError `DEFINITIONS_NOT_LOADABLE`; or what the module throws, if that is a FreshetError.
 */
export async function importBundled(
  path: string,
  options: ImportOptions = {},
): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), "freshet-definitions-"));
  try {
    const outfile = join(folder, "definitions.mjs");
    await bundle(path, folder, outfile, options);
    return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof FreshetError) throw cause;
    throw new FreshetError(
      "DEFINITIONS_NOT_LOADABLE",
      `${path} threw while it was loaded: ${messageOf(cause)}`,
      { cause },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundle(
  path: string,
  folder: string,
  outfile: string,
  { kit, onSourceMap }: ImportOptions,
): Promise<void> {
  const url = JSON.stringify(pathToFileURL(path).href);
  try {
    await build({
      entryPoints: [path],
      outfile,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      charset: "utf8",
      // Functions are shown by their text.
      minifyWhitespace: true,
      legalComments: "none",
      logLevel: "silent",
      absWorkingDir: dirname(path),
      sourcemap: onSourceMap === undefined ? false : "external",
      plugins: [hostModulesPlugin(folder, kit)],
      // The module runs elsewhere than it stands, so what it resolves against its own place is told here.
      define: {
        "import.meta.url": url,
        "import.meta.filename": JSON.stringify(path),
        "import.meta.dirname": JSON.stringify(dirname(path)),
      },
      banner: {
        js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${url});`,
      },
    });
    if (onSourceMap !== undefined) onSourceMap(await readFile(`${outfile}.map`, "utf8"), folder);
  } catch (cause) {
    const [first] = (cause as BuildFailure).errors ?? [];
    const at = first?.location;
    const place =
      at === null || at === undefined
        ? path
        : `${resolve(dirname(path), at.file)}:${at.line}:${at.column + 1}`;
    throw new FreshetError("DEFINITIONS_NOT_LOADABLE", `${place}: ${first?.text ?? messageOf(cause)}`, {
      cause,
    });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
