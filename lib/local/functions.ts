import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { functionEntry } from "../bundle/function-build.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import type { BatchReporter } from "../online/batch-report.ts";
import type { PredictionLog } from "../serve/prediction-log.ts";
import { importFunction } from "./bundle.ts";
import { EMBEDDED_CREDENTIALS, EMBEDDED_REGION } from "./embedded-clients.ts";
import { readWasmBinary } from "./read-wasm-binary.ts";
import { readReferenceScript } from "./reference-script.ts";
import type { LocalLogger } from "./standard-error-logger.ts";

type AggregateFunction = typeof import("../../functions/aggregate/index.ts");
type InferFunction = typeof import("../../functions/infer/index.ts");

/** Both functions of a deployment, bundled with the user's definitions. */
export interface BundledFunctions {
  readonly aggregate: AggregateFunction;
  readonly infer: InferFunction;
}

/** @throws FreshetError `BUNDLE_FAILED` */
export async function bundleFunctions(definitionsFile: string): Promise<BundledFunctions> {
  const [aggregate, infer] = await Promise.all([
    importFunction<AggregateFunction>({ entryFile: functionEntry("aggregate"), definitionsFile }),
    importFunction<InferFunction>({ entryFile: functionEntry("infer"), definitionsFile }),
  ]);
  return { aggregate, infer };
}

/** Makes the functions' handlers as Lambda would, on the embedded servers, with the clock and the objects put in. */
export async function startFunctions(options: {
  readonly functions: BundledFunctions;
  readonly definitionsFile: string;
  /** Whether the ONNX runtime is needed. */
  readonly hasModels: boolean;
  readonly endpoints: { readonly kinesis: string; readonly dynamo: string };
  readonly table: string;
  /** Stream names by source name. */
  readonly streams: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly objectStore: ObjectStore;
  readonly metrics: BatchReporter;
  readonly onPrediction: PredictionLog | undefined;
  readonly logger: LocalLogger;
}): Promise<{
  readonly aggregate: ReturnType<AggregateFunction["createAggregateHandler"]>;
  readonly infer: Awaited<ReturnType<InferFunction["createInferApp"]>>;
}> {
  const { functions, definitionsFile, endpoints, table, streams, clock, objectStore, metrics, logger } =
    options;
  const environment = {
    FRESHET_TABLE: table,
    FRESHET_STREAMS: JSON.stringify(streams),
    AWS_REGION: EMBEDDED_REGION,
    AWS_ACCESS_KEY_ID: EMBEDDED_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: EMBEDDED_CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamo,
  };
  const aggregate = functions.aggregate.createAggregateHandler({
    environment,
    clock,
    objectStore,
    metrics,
    logger,
  });
  const infer = await functions.infer.createInferApp({
    environment,
    clock,
    logger,
    readReferenceScript,
    readModelFile: (file) => readFile(join(dirname(definitionsFile), file)),
    ...(options.hasModels ? { wasmBinary: await readWasmBinary() } : {}),
    ...(options.onPrediction === undefined ? {} : { onPrediction: options.onPrediction }),
  });
  return { aggregate, infer };
}
