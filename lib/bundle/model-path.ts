import { isAbsolute, normalize } from "node:path";
import { FreshetError } from "../define/error.ts";

/** What Lambda loads of a bundle's folder. */
export const BUNDLE_FILE = "index.mjs";

/** The ONNX runtime's WebAssembly, as functions/infer looks for it beside its bundle. */
export const WASM_FILE = "ort-wasm-simd-threaded.wasm";

/**
 * A model's file as it is deployed: a bundle has its models in its own folder and below.
 *
 * @throws FreshetError `MODEL_INVALID`
 */
export function deployedModelPath(file: string): string {
  const path = normalize(file);
  if (isAbsolute(path) || path.startsWith("..") || path === BUNDLE_FILE || path === WASM_FILE) {
    throw new FreshetError(
      "MODEL_INVALID",
      `model file ${file}: it is deployed beside the bundle, so it must lie in the definitions' folder or below, under a name of its own.`,
    );
  }
  return path;
}
