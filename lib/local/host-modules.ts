import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import * as zod from "zod";
import * as kit from "../index.ts";

const HOST_KEY = "freshet-kit.host-modules";
const KIT_FILES = ["../index.ts", "../define/index.ts"].map((file) =>
  fileURLToPath(new URL(file, import.meta.url)),
);
let loads = 0;

/**
 * Has a bundle import the running process's own kit and zod instead of taking copies in, so that errors and schemas are of
 * one class.
 *
 * @param as - what stands for the kit.
 */
export function hostModulesPlugin(folder: string, as: object = kit): Plugin {
  const modules: Readonly<Record<string, object>> = { "freshet-kit": as, zod };
  const key = as === kit ? HOST_KEY : `${HOST_KEY}/${++loads}`;
  return {
    name: "host-modules",
    setup(build) {
      const host = async (name: string) => {
        const file = `${name}.host.mjs`;
        await writeFile(join(folder, file), reexport(key, name, modules[name]!));
        return { path: `./${file}`, external: true };
      };
      build.onResolve({ filter: /^(freshet-kit|zod)$/ }, ({ path }) => host(path));
      // The kit's own examples name it by its path.
      build.onResolve({ filter: /^\..*\/lib\/(define\/)?index\.ts$/ }, ({ path, resolveDir }) =>
        KIT_FILES.includes(resolve(resolveDir, path)) ? host("freshet-kit") : undefined,
      );
      (globalThis as Record<symbol, unknown>)[Symbol.for(key)] = modules;
    },
  };
}

function reexport(key: string, name: string, module: object): string {
  const lines = Object.keys(module).map(
    (each, index) =>
      `const _${index} = module[${JSON.stringify(each)}]; export { _${index} as ${JSON.stringify(each)} };`,
  );
  return `const module = globalThis[Symbol.for(${JSON.stringify(key)})][${JSON.stringify(name)}];\n${lines.join("\n")}\n`;
}
