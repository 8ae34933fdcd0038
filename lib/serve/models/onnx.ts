import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { FreshetError } from "../../define/error.ts";
import type { Model } from "../../define/types.ts";
import {
  checkFeatureNames,
  checkInput,
  checkNulls,
  checkOutput,
  checkProbe,
  refuseModel,
} from "./onnx-checks.ts";
import { onnxMetadata } from "./onnx-metadata.ts";
import type { ScoringModel } from "./scoring-model.ts";

// The runtime would print its errors beside throwing them, in lines that are not JSON.
const QUIET = { logSeverityLevel: 4 } as const;

/**
 * Gives the ONNX runtime its WebAssembly: the bytes of `onnxruntime-web/ort-wasm-simd-threaded.wasm`.
 * Call it before the first model is loaded; the runtime of a process is made once.
 */
export function configureOnnxRuntime(wasmBinary: Uint8Array): void {
  env.wasm.numThreads = 1;
  env.wasm.wasmBinary = wasmBinary;
}

/**
 * Loads an ONNX model and checks it against its feature service (R14):
 *
 * - one input, a float32 tensor `[rows, features]` with as many columns as the service's vector;
 * - the output that the model names exists and is a number a row: not a sequence or map (ZipMap), not `[rows, 2]`;
 * - where the file carries `feature_names` in its metadata (a JSON array), they are the vector's, in its order;
 * - it runs, a finite score comes out, and stays finite when an entry that can be null is NaN.
 *
 * @param options.nullable - Names of vector entries that can have no value.
 * @throws FreshetError `MODEL_INVALID`, saying what the model has and what its service needs.
 */
export async function loadOnnxModel(options: {
  readonly model: Model;
  readonly bytes: Uint8Array;
  readonly nullable: readonly string[];
}): Promise<ScoringModel> {
  const { model, bytes, nullable } = options;
  const session = await createSession(model, bytes);
  try {
    checkFeatureNames(model, onnxMetadata(bytes).get("feature_names"));
    const input = checkInput(model, session.inputMetadata);
    checkOutput(model, session.outputMetadata);
    const scoring = sessionModel(session, input, model);
    await checkProbe(model, scoring);
    await checkNulls(model, scoring, nullable);
    return scoring;
  } catch (error) {
    await session.release();
    throw error;
  }
}

async function createSession(model: Model, bytes: Uint8Array): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, QUIET);
  } catch (cause) {
    throw refuseModel(model, "is not an ONNX model that this runtime can load", cause);
  }
}

function sessionModel(session: InferenceSession, input: string, model: Model): ScoringModel {
  const fetches = [model.output];
  return {
    async score(values) {
      const tensor = new Tensor("float32", Float32Array.from(values), [1, values.length]);
      const outputs = await session.run({ [input]: tensor }, fetches, QUIET);
      const output = outputs[model.output];
      if (output === undefined || output.size !== 1) {
        throw new FreshetError(
          "MODEL_INVALID",
          `model ${model.name}@${model.version}: output ${model.output} has ${output?.size ?? "no"} values for one row; a score is one.`,
        );
      }
      return Number(output.data[0]);
    },
    close: () => session.release(),
  };
}
