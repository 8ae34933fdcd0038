import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { InferApp } from "../../functions/infer/create-infer-app.ts";
import type { FreshetError } from "../define/error.ts";
import type { Definitions, Model } from "../define/types.ts";
import type { Clock } from "../engine/ports/clock.ts";
import { planVector } from "../engine/vector.ts";
import { readWasmBinary } from "../local/read-wasm-binary.ts";
import type { ScoringModel } from "../serve/models/scoring-model.ts";
import { asDynamoDBClient, type Send } from "./models/clients.ts";
import { AT_ONCE_READING, atOnce, TABLE } from "./platform.ts";
import { testLogger } from "./test-logger.ts";
import type { Score, TestPipelineOptions } from "./test-pipeline-options.ts";
import { UnscoredError } from "./unscored-error.ts";

/** Makes the API's Hono app over the test's table. Its modules are loaded here, since not every test asks for it. */
export async function startTestApi(options: {
  /** What the user gave. */
  readonly module: Readonly<Record<string, unknown>>;
  readonly definitions: Definitions;
  readonly clock: Clock;
  readonly table: Send;
  readonly scores: NonNullable<TestPipelineOptions["scores"]>;
  readonly modelsFolder: TestPipelineOptions["modelsFolder"];
  readonly onPrediction: TestPipelineOptions["onPrediction"];
  /** Told what is missing when a model is asked that has neither a folder nor a score of its own. */
  readonly onUnscored: (error: FreshetError) => void;
}): Promise<InferApp> {
  const { module, definitions, clock, table, scores, modelsFolder, onPrediction, onUnscored } = options;
  const [{ createInferApp }, { loadModels }] = await Promise.all([
    import("../../functions/infer/create-infer-app.ts"),
    import("../serve/models/load.ts"),
  ]);
  const unscored = definitions.models.filter(({ name }) => scores[name] === undefined);
  const folder = typeof modelsFolder === "object" ? fileURLToPath(modelsFolder) : modelsFolder;
  const others =
    folder === undefined
      ? unscored.map((model) => [model.name, withoutScore(model, onUnscored)] as const)
      : await loadModels({
          definitions: { ...definitions, models: unscored },
          readModelFile: (file) => readFile(join(folder, file)),
          readWasmBinary,
        });
  const stubs = definitions.models.flatMap((model) => {
    const score = scores[model.name];
    return score === undefined ? [] : [[model.name, scoreBy(score, model)] as const];
  });
  return createInferApp({
    environment: { FRESHET_TABLE: TABLE },
    definitions: module,
    models: new Map([...others, ...stubs]),
    clock,
    dynamo: asDynamoDBClient(table),
    timing: atOnce,
    reading: AT_ONCE_READING,
    logger: testLogger,
    ...(onPrediction === undefined ? {} : { onPrediction }),
  });
}

/** Features can be asked for without the model, which is needed only once a prediction is. */
function withoutScore({ name, file }: Model, onUnscored: (error: FreshetError) => void): ScoringModel {
  const refuse = async (): Promise<never> => {
    const error = new UnscoredError(name, file);
    onUnscored(error);
    throw error;
  };
  return { batching: "row-by-row", score: refuse, scoreRows: refuse, close: async () => {} };
}

function scoreBy(score: Score, model: Model): ScoringModel {
  const names = planVector(model.service).entries.map(({ name }) => name);
  const scoreRow = (values: readonly number[]) =>
    score(
      Object.fromEntries(
        names.map((name, i) => [name, Number.isNaN(values[i]) ? null : (values[i] as number)]),
      ),
    );
  return {
    batching: "row-by-row",
    score: async (values) => scoreRow(values),
    scoreRows: async (rows) => rows.map(scoreRow),
    close: async () => {},
  };
}
