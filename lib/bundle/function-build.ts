import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import type { BuildOptions, Message } from "esbuild";
import { KIT_ROOT, kitModule } from "./kit-modules.ts";

/** The module that a function imports its user's definitions from (functions/definitions.d.ts). */
const DEFINITIONS_MODULE = "freshet:definitions";

/** The kit's functions: a folder of `functions` each. */
export type FunctionName = "aggregate" | "heartbeat" | "history-transform" | "infer" | "mark-losses";

/** Where a function of the kit begins. */
export function functionEntry(name: FunctionName): string {
  return kitModule(`functions/${name}/index`);
}

/** The folder of a function's own modules. */
export function functionFolder(name: FunctionName): string {
  return dirname(functionEntry(name));
}

/**
 * How a function is bundled with its user's definitions, for a deployment and for the local runtime alike: one ES
 * module for Node 20 and later that needs no package beside it. Plugins would rule out a synchronous build, which
 * synthesis needs, so that modules are replaced by aliases.
 */
export function functionBuildOptions(options: {
  readonly entryFile: string;
  /** Null: the function needs no definitions. */
  readonly definitionsFile: string | null;
  readonly outfile: string;
}): BuildOptions {
  const { definitionsFile } = options;
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
    alias: {
      ...(definitionsFile === null ? {} : { [DEFINITIONS_MODULE]: resolve(definitionsFile) }),
      // The kit and zod, wherever they are imported, are the kit's own: one copy each.
      "freshet-kit/client": kitModule("lib/client/index"),
      "freshet-kit": kitModule("lib/index"),
      zod: dirname(createRequire(import.meta.url).resolve("zod/package.json")),
    },
    logLevel: "silent",
  };
}

/** What esbuild said, with the place. */
export function buildMessage({ text, location }: Message): string {
  return location === null
    ? text
    : `${resolve(KIT_ROOT, location.file)}:${location.line}:${location.column + 1}: ${text}`;
}
