import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type BuildFailure, buildSync } from "esbuild";
import { FreshetError } from "../define/error.ts";
import { buildMessage, type FunctionName, functionBuildOptions, functionEntry } from "./function-build.ts";
import { BUNDLE_FILE, deployedModelPath, WASM_FILE } from "./model-path.ts";

/** A function, and what is bundled with it. */
export interface FunctionToBundle {
  readonly name: FunctionName;
  /** Absolute; null: the function needs no definitions. */
  readonly definitionsFile: string | null;
  /** The models' files, relative to the definitions' folder; with any, the ONNX runtime's WebAssembly comes too. */
  readonly modelFiles: readonly string[];
}

/**
 * Writes a function's bundle to a folder, with its models. Needs neither a network nor a container.
 *
 * @throws FreshetError `BUNDLE_FAILED`, naming the file and line; `MODEL_NOT_FOUND`.
 * @example
 * ```ts
 * bundleFunction({ name: "infer", definitionsFile: "/app/fraud.ts", modelFiles: ["fraud.onnx"] }, "/tmp/infer");
 * ```
 */
export function bundleFunction(
  { name, definitionsFile, modelFiles }: FunctionToBundle,
  folder: string,
): void {
  const files = modelFiles.map(deployedModelPath);
  try {
    buildSync(
      functionBuildOptions({
        entryFile: functionEntry(name),
        definitionsFile,
        outfile: join(folder, BUNDLE_FILE),
      }),
    );
  } catch (cause) {
    const errors = (cause as Partial<BuildFailure>).errors ?? [];
    const reason = errors.length > 0 ? errors.slice(0, 3).map(buildMessage).join("; ") : String(cause);
    const what = definitionsFile === null ? "" : ` with definitions ${definitionsFile}`;
    throw new FreshetError("BUNDLE_FAILED", `function ${name}${what} could not be bundled: ${reason}`, {
      cause,
    });
  }
  if (files.length === 0 || definitionsFile === null) return;
  copyFileSync(
    createRequire(import.meta.url).resolve(`onnxruntime-web/${WASM_FILE}`),
    join(folder, WASM_FILE),
  );
  for (const file of files) copyModel(dirname(definitionsFile), folder, file);
}

function copyModel(from: string, to: string, file: string): void {
  const target = join(to, file);
  mkdirSync(dirname(target), { recursive: true });
  try {
    copyFileSync(join(from, file), target);
  } catch (cause) {
    throw new FreshetError("MODEL_NOT_FOUND", `model file ${join(from, file)} cannot be read.`, { cause });
  }
}
