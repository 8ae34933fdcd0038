import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-web/wasm";
import { FreshetError } from "../../lib/define/error.ts";
import type { Definitions, Model } from "../../lib/define/types.ts";
import { closeModels, loadModels } from "../../lib/serve/models/load.ts";
import { configureOnnxRuntime } from "../../lib/serve/models/onnx.ts";
import { checkFeatureNames, checkInput, checkOutput } from "../../lib/serve/models/onnx-checks.ts";
import { onnxMetadata } from "../../lib/serve/models/onnx-metadata.ts";
import { refusalOf } from "./problem.ts";

/**
 * What serving would refuse about a model's file: that it is missing or no model, its inputs and their names and order,
 * its output; and when these fit, what it answers.
 *
 * @param folder - the definitions' folder, which the model's path is against.
 */
export async function modelProblems(model: Model, folder: string): Promise<readonly FreshetError[]> {
  const wasmBinary = await readFile(
    createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"),
  );
  const readModelFile = (file: string) => readFile(join(folder, file));
  const stated = await statedProblems(model, readModelFile, wasmBinary);
  if (stated.length > 0) return stated;
  const definitions: Definitions = { sources: [], views: [], services: [], models: [model] };
  try {
    await closeModels(
      await loadModels({ definitions, readModelFile, readWasmBinary: async () => wasmBinary }),
    );
    return [];
  } catch (error) {
    if (error instanceof FreshetError) return [error];
    throw error;
  }
}

/** All that the file itself states and its service contradicts; none where it cannot be read or is no model. */
async function statedProblems(
  model: Model,
  readModelFile: (file: string) => Promise<Uint8Array>,
  wasmBinary: Uint8Array,
): Promise<readonly FreshetError[]> {
  configureOnnxRuntime(wasmBinary);
  let bytes: Uint8Array;
  let session: InferenceSession;
  try {
    bytes = await readModelFile(model.file);
    session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  } catch {
    return [];
  }
  try {
    return [
      () => checkFeatureNames(model, onnxMetadata(bytes).get("feature_names")),
      () => checkInput(model, session.inputMetadata),
      () => checkOutput(model, session.outputMetadata),
    ]
      .map(refusalOf)
      .filter((refusal) => refusal !== null);
  } finally {
    await session.release();
  }
}
