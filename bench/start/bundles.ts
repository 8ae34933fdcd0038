import { copyFile, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { functionBuildOptions, functionEntry } from "../../lib/bundle/function-build.ts";

const WASM = "ort-wasm-simd-threaded.wasm";

/** A function as it is deployed: a module, and for infer the models and the ONNX runtime beside it. */
export interface Bundle {
  readonly name: "aggregate" | "infer";
  readonly file: string;
  /** In bytes. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** Bundles both functions into a folder of their own, which `remove` deletes. */
export async function bundleFunctions(
  definitionsFile: string,
): Promise<{ readonly all: readonly Bundle[]; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "freshet-bench-"));
  const all = await Promise.all(
    (["aggregate", "infer"] as const).map(async (name): Promise<Bundle> => {
      const file = join(folder, name, "index.mjs");
      await build(functionBuildOptions({ entryFile: functionEntry(name), definitionsFile, outfile: file }));
      const module = await readFile(file);
      const sizes = { module: module.length, "module, gzipped": gzipSync(module).length };
      return {
        name,
        file,
        sizes: name === "infer" ? { ...sizes, ...(await addModels(definitionsFile, file)) } : sizes,
      };
    }),
  );
  return { all, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Puts the models and the runtime beside the module, as a deployment does. */
async function addModels(
  definitionsFile: string,
  bundleFile: string,
): Promise<Readonly<Record<string, number>>> {
  const from = dirname(resolve(definitionsFile));
  const models = (await readdir(from)).filter((file) => file.endsWith(".onnx"));
  for (const model of models) await copyFile(join(from, model), join(dirname(bundleFile), model));
  const wasm = createRequire(import.meta.url).resolve(`onnxruntime-web/${WASM}`);
  await copyFile(wasm, join(dirname(bundleFile), WASM));
  const sizes = await Promise.all(models.map(async (model) => (await stat(join(from, model))).size));
  return {
    "models beside it": sizes.reduce((sum, size) => sum + size, 0),
    "ONNX runtime beside it": (await stat(wasm)).size,
  };
}
