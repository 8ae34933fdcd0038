import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** The ONNX runtime's WebAssembly, which a deployment ships beside the bundle. */
export function readWasmBinary(): Promise<Uint8Array> {
  return readFile(createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"));
}
