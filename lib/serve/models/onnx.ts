import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { FreshetError } from "../../define/error.ts";
import type { Model } from "../../define/types.ts";
import {
  batchingOf,
  checkFeatureNames,
  checkInput,
  checkNulls,
  checkOutput,
  checkProbe,
  type RunModel,
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
 * - it runs, a finite score comes out, and stays finite when an entry that can be null is NaN;
 * - rows scored in one run have the scores that each has alone. A file that fixes its rows at 1 is run row by row.
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
    const run = runnerOf(session, input, model);
    const score = async (values: readonly number[]) => (await run([values]))[0]!;
    await checkProbe(model, score);
    await checkNulls(model, score, nullable);
    const batching = await batchingOf(model, session.inputMetadata, run);
    return {
      score,
      batching,
      async scoreRows(rows) {
        if (batching === "one-run") return rows.length === 0 ? [] : run(rows);
        const scores: number[] = [];
        for (const row of rows) scores.push(await score(row));
        return scores;
      },
      close: () => session.release(),
    };
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

/** One run of the model: a score for each row. */
function runnerOf(session: InferenceSession, input: string, model: Model): RunModel {
  const fetches = [model.output];
  const width = model.service.vector.length;
  return async (rows) => {
    const cells = new Float32Array(rows.length * width);
    for (const [index, row] of rows.entries()) cells.set(row, index * width);
    const outputs = await session.run(
      { [input]: new Tensor("float32", cells, [rows.length, width]) },
      fetches,
      QUIET,
    );
    const output = outputs[model.output];
    if (output === undefined || output.size !== rows.length) {
      const given =
        rows.length === 1 ? "one row; a score is one" : `${rows.length} rows; a score is one a row`;
      throw new FreshetError(
        "MODEL_INVALID",
        `model ${model.name}@${model.version}: output ${model.output} has ${output?.size ?? "no"} values for ${given}.`,
      );
    }
    return Array.from(output.data as ArrayLike<number | bigint>, Number);
  };
}
