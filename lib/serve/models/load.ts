import { FreshetError } from "../../define/error.ts";
import type { Definitions, FeatureService, Model } from "../../define/types.ts";
import { valueAt } from "../../define/vector-feature.ts";
import { planView } from "../../engine/plan.ts";
import { readFeatures } from "../../engine/read.ts";
import { planVector } from "../../engine/vector.ts";
import { configureOnnxRuntime, loadOnnxModel } from "./onnx.ts";
import type { ScoringModel } from "./scoring-model.ts";

/** Reads a model's file by the name in its definition; rejects when there is none. */
export type ReadModelFile = (file: string) => Promise<Uint8Array>;

/**
 * Loads every model of the definitions and checks each against its service.
 *
 * @throws FreshetError `MODEL_NOT_FOUND` for a file that cannot be read, `MODEL_INVALID` for one that does not fit.
 * @example
 * ```ts
 * const models = await loadModels({
 *   definitions,
 *   readModelFile: (file) => readFile(new URL(file, import.meta.url)),
 *   readWasmBinary: () => readFile(new URL(import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"))),
 * });
 * ```
 */
export async function loadModels(options: {
  readonly definitions: Definitions;
  readonly readModelFile: ReadModelFile;
  /** The bytes of `onnxruntime-web/ort-wasm-simd-threaded.wasm`; not needed where there is no model. */
  readonly readWasmBinary: () => Promise<Uint8Array>;
}): Promise<ReadonlyMap<string, ScoringModel>> {
  const { definitions, readModelFile, readWasmBinary } = options;
  const loaded = new Map<string, ScoringModel>();
  if (definitions.models.length === 0) return loaded;
  configureOnnxRuntime(await readWasmBinary());
  try {
    for (const model of definitions.models) {
      const bytes = await readFile(model, readModelFile);
      loaded.set(model.name, await loadOnnxModel({ model, bytes, nullable: nullableEntries(model.service) }));
    }
    return loaded;
  } catch (error) {
    await closeModels(loaded);
    throw error;
  }
}

/** Frees every loaded model. */
export async function closeModels(loaded: ReadonlyMap<string, ScoringModel>): Promise<void> {
  await Promise.all([...loaded.values()].map((model) => model.close()));
}

async function readFile(model: Model, readModelFile: ReadModelFile): Promise<Uint8Array> {
  try {
    return await readModelFile(model.file);
  } catch (cause) {
    throw new FreshetError(
      "MODEL_NOT_FOUND",
      `model ${model.name}@${model.version}: its file ${model.file} cannot be read; the path is relative to the definitions' folder.`,
      { cause },
    );
  }
}

/** The vector's view features that an entity never seen has no value for, and so can be null. */
function nullableEntries(service: FeatureService): readonly string[] {
  return planVector(service).entries.flatMap((entry) => {
    if (entry.from !== "view") return [];
    const plan = planView(service.views[entry.alias]!.view);
    const index = plan.features.findIndex(({ feature }) => feature.name === entry.feature);
    const empty = valueAt(readFeatures(plan, [], 0).values[index], entry);
    return empty === null ? [entry.name] : [];
  });
}
