import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-web/wasm";
import { deployedModelPath } from "../../lib/bundle/model-path.ts";
import { FreshetError } from "../../lib/define/error.ts";
import type { Definitions, Model } from "../../lib/define/types.ts";
import { closeModels, loadModels } from "../../lib/serve/models/load.ts";
import { configureOnnxRuntime } from "../../lib/serve/models/onnx.ts";
import { checkFeatureNames, checkInput, checkOutput } from "../../lib/serve/models/onnx-checks.ts";
import { onnxMetadata } from "../../lib/serve/models/onnx-metadata.ts";
import { refusalOf } from "./problem.ts";

/**
 * What deploying and serving would refuse about a model's file: that it lies elsewhere, is missing or no model, its
 * inputs and their names and order, its output; and when these fit, what it answers.
 *
 * @param options.folder - the definitions' folder, which the model's path is against.
 * @param options.isVectorWhole - whether the service's vector is all that it should be; else inputs are not looked at.
 */
export async function modelProblems(
  model: Model,
  { folder, isVectorWhole }: { readonly folder: string; readonly isVectorWhole: boolean },
): Promise<readonly FreshetError[]> {
  const misplaced = refusalOf(() => deployedModelPath(model.file));
  if (misplaced !== null) return [misplaced];
  const wasmBinary = await readFile(
    createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"),
  );
  const readModelFile = (file: string) => readFile(join(folder, file));
  const checks = isVectorWhole ? [checkNames, checkInputs, checkOutputs] : [checkOutputs];
  const stated = await statedProblems(model, { readModelFile, wasmBinary, checks });
  if (stated !== null && (stated.length > 0 || !isVectorWhole)) return stated;
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

/** Throws what a model's file contradicts. */
type FileCheck = (
  model: Model,
  file: { readonly bytes: Uint8Array; readonly session: InferenceSession },
) => void;

const checkNames: FileCheck = (model, { bytes }) =>
  checkFeatureNames(model, onnxMetadata(bytes).get("feature_names"));
const checkInputs: FileCheck = (model, { session }) => checkInput(model, session.inputMetadata);
const checkOutputs: FileCheck = (model, { session }) => checkOutput(model, session.outputMetadata);

/** All that the file itself states and its service contradicts; null where it cannot be read or is no model. */
async function statedProblems(
  model: Model,
  options: {
    readonly readModelFile: (file: string) => Promise<Uint8Array>;
    readonly wasmBinary: Uint8Array;
    readonly checks: readonly FileCheck[];
  },
): Promise<readonly FreshetError[] | null> {
  const { readModelFile, wasmBinary, checks } = options;
  configureOnnxRuntime(wasmBinary);
  let bytes: Uint8Array;
  let session: InferenceSession;
  try {
    bytes = await readModelFile(model.file);
    session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  } catch {
    return null;
  }
  try {
    return checks
      .map((check) => refusalOf(() => check(model, { bytes, session })))
      .filter((refusal) => refusal !== null);
  } finally {
    await session.release();
  }
}
