import { join } from "node:path";
import { freePort, type ServerProcess, startServerProcess } from "../../../localstack/server-process.ts";
import { installDynamoDbLocal } from "./install.ts";

/** A DynamoDB Local of this process's own, in memory. */
export interface DynamoDbLocal extends ServerProcess {
  readonly endpoint: string;
}

/** It listens on all interfaces, and has no option against it: start it where there are none, as `run.ts` does. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const folder = installDynamoDbLocal();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = await startServerProcess({
    name: "DynamoDB Local",
    command: "java",
    parameters: [
      // Its tables are SQLite's, whose native library is among the jars.
      `-Djava.library.path=${folder}`,
      "-cp",
      join(folder, "*"),
      "software.amazon.dynamodb.services.local.main.ServerRunner",
      "-inMemory",
      "-sharedDb",
      "-disableTelemetry",
      "-port",
      String(port),
    ],
    environment: process.env,
    // It refuses a request without a signature, which is an answer.
    isReady: async () => (await fetch(endpoint)).status > 0,
  });
  return { endpoint, ...server };
}
