import { join } from "node:path";
import { type Environment, requiredVariable } from "../environment.ts";

export interface InferEnvironment {
  readonly table: string;
  /** The folder that model files are relative to. */
  readonly modelsFolder: string;
  /** The WebAssembly of the ONNX runtime. */
  readonly wasmFile: string;
}

/**
 * Reads the infer function's environment: `FRESHET_TABLE`; `FRESHET_MODELS_DIR`, by default the bundle's own folder;
 * `FRESHET_ONNX_WASM`, by default `ort-wasm-simd-threaded.wasm` in that folder.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function readEnvironment(environment: Environment, bundleFolder: string): InferEnvironment {
  const modelsFolder = environment.FRESHET_MODELS_DIR ?? bundleFolder;
  return {
    table: requiredVariable(environment, "FRESHET_TABLE"),
    modelsFolder,
    wasmFile: environment.FRESHET_ONNX_WASM ?? join(modelsFolder, "ort-wasm-simd-threaded.wasm"),
  };
}
