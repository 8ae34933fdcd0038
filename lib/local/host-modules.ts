import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import * as zod from "zod";
import * as kit from "../index.ts";

const HOST_MODULES: Readonly<Record<string, object>> = { "freshet-kit": kit, zod };
const HOST_KEY = Symbol.for("freshet-kit.host-modules");

/**
 * Has a bundle import the running process's own kit and zod instead of taking copies in. So errors and schemas are of
 * one class, and the names in a user's functions, whose source text is hashed (R13), are never changed because the kit
 * has a name of the same kind.
 */
export function hostModulesPlugin(folder: string): Plugin {
  return {
    name: "host-modules",
    setup(build) {
      build.onResolve({ filter: /^(freshet-kit|zod)$/ }, async ({ path }) => {
        const file = `${path}.host.mjs`;
        await writeFile(join(folder, file), reexport(path, HOST_MODULES[path]!));
        return { path: `./${file}`, external: true };
      });
      (globalThis as Record<symbol, unknown>)[HOST_KEY] = HOST_MODULES;
    },
  };
}

function reexport(name: string, module: object): string {
  const lines = Object.keys(module).map(
    (each, index) =>
      `const _${index} = module[${JSON.stringify(each)}]; export { _${index} as ${JSON.stringify(each)} };`,
  );
  return `const module = globalThis[Symbol.for("freshet-kit.host-modules")][${JSON.stringify(name)}];\n${lines.join("\n")}\n`;
}
