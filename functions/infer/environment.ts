import { join } from "node:path";
import { FreshetError } from "../../lib/define/error.ts";

/** Environment variables by name, as `process.env` is. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the function reads from its environment. */
export interface InferSettings {
  /** `FRESHET_TABLE` */
  readonly table: string;
  /** `AWS_ENDPOINT_URL_DYNAMODB`, else `AWS_ENDPOINT_URL`; null: AWS itself. */
  readonly dynamoEndpoint: string | null;
  /** `AWS_REGION`; null: as the SDK finds it. */
  readonly region: string | null;
  /** `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`; null: as the SDK finds them. */
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  } | null;
  /** `FRESHET_MODELS_DIR`: the folder that model files are relative to. @default the bundle's own folder */
  readonly modelsFolder: string;
  /** `FRESHET_ONNX_WASM`. @default `ort-wasm-simd-threaded.wasm` in {@link modelsFolder} */
  readonly wasmFile: string;
}

/**
 * Reads the function's settings.
 *
 * @throws FreshetError `ENVIRONMENT_INVALID` when `FRESHET_TABLE` is missing.
 */
export function inferSettings(environment: Environment, bundleFolder: string): InferSettings {
  const table = environment.FRESHET_TABLE;
  if (table === undefined || table === "") {
    throw new FreshetError(
      "ENVIRONMENT_INVALID",
      "the environment variable FRESHET_TABLE is missing; it names the DynamoDB table of the feature store.",
    );
  }
  const modelsFolder = environment.FRESHET_MODELS_DIR ?? bundleFolder;
  return {
    table,
    dynamoEndpoint: environment.AWS_ENDPOINT_URL_DYNAMODB ?? environment.AWS_ENDPOINT_URL ?? null,
    region: environment.AWS_REGION ?? null,
    credentials: credentialsOf(environment),
    modelsFolder,
    wasmFile: environment.FRESHET_ONNX_WASM ?? join(modelsFolder, "ort-wasm-simd-threaded.wasm"),
  };
}

function credentialsOf(environment: Environment): InferSettings["credentials"] {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) return null;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
  };
}
