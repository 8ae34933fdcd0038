import { FreshetError } from "../define/error.ts";

/** A model was asked that has neither a folder nor a score of its own. */
export class UnscoredError extends FreshetError {
  constructor(model: string, file: string) {
    super(
      "MODEL_NOT_FOUND",
      `model ${model} needs its file ${file}; give testPipeline modelsFolder, the definitions' folder, or scores: { ${model}: (vector) => 0.5 }.`,
    );
  }
}
