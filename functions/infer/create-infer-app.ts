import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { collectDefinitions } from "../../lib/define/collect-definitions.ts";
import { FreshetError } from "../../lib/define/error.ts";
import { type Clock, systemClock } from "../../lib/engine/ports/clock.ts";
import type { Timing } from "../../lib/online/backoff.ts";
import { controlKey } from "../../lib/online/control.ts";
import { createDynamoStateStore } from "../../lib/online/dynamo-state-store.ts";
import { createReader, type FeatureReader, type FeatureReaderOptions } from "../../lib/online/reader.ts";
import { createServeApp } from "../../lib/serve/app.ts";
import type { ServeApp } from "../../lib/serve/context.ts";
import { createAdmission } from "../../lib/serve/limits/admission.ts";
import { type ServeLimits, serveLimits } from "../../lib/serve/limits/limits.ts";
import type { ServeLogger } from "../../lib/serve/logger.ts";
import { closeModels, loadModels, type ReadModelFile } from "../../lib/serve/models/load.ts";
import type { ScoringModel } from "../../lib/serve/models/scoring-model.ts";
import type { PredictionLog } from "../../lib/serve/prediction-log.ts";
import type { Randomness } from "../../lib/serve/randomness.ts";
import type { RequestReporter } from "../../lib/serve/request-report.ts";
import type { ReadReferenceScript } from "../../lib/serve/routes/reference.ts";
import { dynamoClient } from "../aws-clients.ts";
import type { Environment } from "../environment.ts";
import { readEnvironment } from "./environment.ts";

/** A client waits for its features: it is told soon that the store is unreachable, and may try again. */
const READ_ATTEMPTS = 4;

export interface InferAppOptions {
  /** `FRESHET_TABLE`, `FRESHET_MODELS_DIR`, `FRESHET_ONNX_WASM`, and AWS's own variables (region, keys, endpoints). */
  readonly environment: Environment;
  /** A definitions module's exports by name. */
  readonly definitions: Readonly<Record<string, unknown>>;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** One attempt a call: the store retries by itself. @default made from the environment */
  readonly dynamo?: DynamoDBClient;
  /** Waiting and chance of the store's retries. @default the machine's */
  readonly timing?: Timing;
  /** How long the reader remembers shards and progress, and how it gathers calls. @default the reader's own */
  readonly reading?: Pick<FeatureReaderOptions, "controlMs" | "progressMs" | "defer">;
  /** Models by name, ready to score: no file is read. @default those of the definitions, loaded */
  readonly models?: ReadonlyMap<string, ScoringModel>;
  /** The bytes of `ort-wasm-simd-threaded.wasm`. @default the file that the environment names */
  readonly wasmBinary?: Uint8Array;
  /** Reads a model's file. @default from the folder that the environment names */
  readonly readModelFile?: ReadModelFile;
  /** @default Powertools' logger, JSON on standard output */
  readonly logger?: ServeLogger;
  readonly randomness?: Randomness;
  readonly onPrediction?: PredictionLog;
  readonly onRequest?: RequestReporter;
  /** What differs from the API's default limits. */
  readonly limits?: Partial<ServeLimits>;
  /** The script of the reference page; not given where its 3.5 MB are not worth it. @default there is no such page */
  readonly readReferenceScript?: ReadReferenceScript;
}

export interface InferApp {
  readonly app: ServeApp;
  /** The reader that the app serves from. */
  readonly reader: FeatureReader;
  /**
   * Ends in order: `/readyz` and every new request answer 503, what was let in is finished, then models are freed and
   * connections closed.
   */
  close(): Promise<void>;
}

/**
 * Builds the API on the environment's feature store, with every model loaded and checked.
 *
 * @throws FreshetError `OPTION_INVALID`, `MODEL_NOT_FOUND`, `MODEL_INVALID`, `DEFINITION_INVALID`.
 * @example
 * ```ts
 * const { app, close } = await createInferApp({ environment: process.env, definitions });
 * ```
 */
export async function createInferApp(options: InferAppOptions): Promise<InferApp> {
  const { environment, wasmBinary, clock = systemClock } = options;
  const definitions = collectDefinitions(options.definitions);
  const bundleFolder = dirname(fileURLToPath(import.meta.url));
  const { table, modelsFolder, wasmFile } = readEnvironment(environment, bundleFolder);
  const models =
    options.models ??
    (await loadModels({
      definitions,
      readModelFile: options.readModelFile ?? ((file) => readFile(join(modelsFolder, file))),
      readWasmBinary: async () => wasmBinary ?? (await readWasm(wasmFile)),
    }));
  const client = options.dynamo ?? dynamoClient(environment);
  const timing = options.timing === undefined ? {} : { timing: options.timing };
  const store = createDynamoStateStore({ client, table, backoff: { attempts: READ_ATTEMPTS }, ...timing });
  const probe = createDynamoStateStore({ client, table, backoff: { attempts: 1 }, ...timing });
  const reader = createReader({ store, clock, ...options.reading });
  const admission = createAdmission(serveLimits(options.limits));
  let closing: Promise<void> | undefined;
  const app = createServeApp({
    definitions,
    models,
    reader,
    clock,
    logger: options.logger ?? new Logger({ serviceName: "infer" }),
    checkReady: async () => {
      if (closing !== undefined) throw new FreshetError("STORE_UNAVAILABLE", "the server is shutting down.");
      await probe.get([controlKey(definitions.sources[0]?.name ?? "")], { consistent: false });
    },
    ...(options.randomness === undefined ? {} : { randomness: options.randomness }),
    ...(options.onPrediction === undefined ? {} : { onPrediction: options.onPrediction }),
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.readReferenceScript === undefined
      ? {}
      : { readReferenceScript: options.readReferenceScript }),
    admission,
  });
  const close = async () => {
    await admission.drain();
    await closeModels(models);
    client.destroy();
  };
  return {
    app,
    reader,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

async function readWasm(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new FreshetError(
      "MODEL_NOT_FOUND",
      `the ONNX runtime's WebAssembly ${file} cannot be read; FRESHET_ONNX_WASM names another place.`,
      { cause },
    );
  }
}
