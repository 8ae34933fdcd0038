/** The API in a process of its own, on dynalite at the endpoint given, or on a table in memory when there is none. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Logger } from "@aws-lambda-powertools/logger";
import { collectDefinitions } from "../../lib/define/collect-definitions.ts";
import { embeddedDynamoClient } from "../../lib/local/embedded-clients.ts";
import { withoutNodeVersionNotice } from "../../lib/local/node-version-notice.ts";
import { serveApi } from "../../lib/local/serve-api.ts";
import { createDynamoStateStore } from "../../lib/online/dynamo-state-store.ts";
import { createReader } from "../../lib/online/reader.ts";
import { createTable } from "../../lib/online/table.ts";
import { createServeApp } from "../../lib/serve/app.ts";
import { loadModels } from "../../lib/serve/models/load.ts";
import * as definitionsModule from "../workload/wide-views.ts";
import { answerQuestions, cpuMs } from "./child-process.ts";
import { createMemoryStore } from "./memory-store.ts";
import { type Shares, startProfile } from "./profile-shares.ts";
import { READ_AT_MS, seedStore } from "./seed-store.ts";
import { logisticModel } from "./wide-model.ts";

/** What {@link answerQuestions} answers here. */
export interface ApiAnswers extends Readonly<Record<string, unknown>> {
  readonly endpoint: string;
  readonly cpuMs: number;
  readonly startProfile: true;
  /** Processor time since the profile was started, by what it went to. */
  readonly stopProfile: Shares;
}

const TABLE = "features";
const WASM = "onnxruntime-web/ort-wasm-simd-threaded.wasm";
const [tableEndpoint, cards] = process.argv.slice(2) as [string, string];

async function openStore() {
  if (tableEndpoint === "") return createMemoryStore();
  const client = embeddedDynamoClient(tableEndpoint);
  await createTable(client, TABLE);
  return createDynamoStateStore({ client, table: TABLE });
}

async function start(): Promise<string> {
  withoutNodeVersionNotice();
  const definitions = collectDefinitions(definitionsModule);
  const store = await openStore();
  await seedStore(store, Number(cards));
  const models = await loadModels({
    definitions,
    readModelFile: async (file) =>
      logisticModel(definitions.models.find((model) => model.file === file)!.service.vector),
    readWasmBinary: () => readFile(createRequire(import.meta.url).resolve(WASM)),
  });
  const clock = { now: () => Math.floor(READ_AT_MS + performance.now()) };
  const app = createServeApp({
    definitions,
    models,
    clock,
    reader: createReader({ store, clock }),
    // As deployed: a JSON line a request.
    logger: new Logger({ serviceName: "infer" }),
    checkReady: async () => {},
  });
  return (await serveApi({ app, port: 0 })).endpoint;
}

const started = start();
let stopProfile: (() => Promise<Shares>) | undefined;

answerQuestions({
  endpoint: () => started,
  cpuMs,
  startProfile: async () => {
    stopProfile = await startProfile();
    return true;
  },
  stopProfile: () => stopProfile!(),
});
