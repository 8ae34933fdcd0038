import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { collectDefinitions } from "../../lib/define/collect-definitions.ts";
import { loadModels } from "../../lib/serve/models/load.ts";
import type { ScoringModel } from "../../lib/serve/models/scoring-model.ts";
import * as module from "./definitions.ts";

/** The two models of the example, by name. */
export interface FlightModels {
  readonly model: ScoringModel;
  readonly baseline: ScoringModel;
}

/** Loads both models as the server does, from a folder. @default the example's own */
export async function loadFlightModels(folder = new URL(".", import.meta.url)): Promise<FlightModels> {
  const models = await loadModels({
    definitions: collectDefinitions(module),
    readModelFile: (file) => readFile(new URL(file, folder)),
    readWasmBinary: () => {
      const resolve = createRequire(import.meta.url).resolve;
      return readFile(resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm"));
    },
  });
  return { model: models.get(module.delayModel.name)!, baseline: models.get(module.baselineModel.name)! };
}

const { vector } = module.atDeparture;
const baselineColumns = module.atSchedule.vector.map((name) => vector.indexOf(name));

/** The inputs of the baseline, which are some of the model's. */
export function baselineVector(values: readonly number[]): readonly number[] {
  return baselineColumns.map((column) => values[column]!);
}

/** The folder of the example, where the models lie. */
export const exampleFolder = fileURLToPath(new URL(".", import.meta.url));
