import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Bundle } from "./bundles.ts";
import type { Servers } from "./servers.ts";

/** What a start is made of, in its order, then the whole of it. */
export const PHASES = [
  "Node itself",
  "module loaded, models included",
  "first call answered",
  "process start to first answer",
  "CPU time of it, all threads",
] as const;

/** One process's way to its first answer. */
export interface ColdStart {
  /** In ms. */
  readonly phases: Readonly<Record<(typeof PHASES)[number], number>>;
  readonly memoryMb: number;
}

/** What the process tells. */
interface Told {
  readonly begunMs: number;
  readonly loadedMs: number;
  readonly answeredMs: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly answer: { readonly statusCode?: number; readonly batchItemFailures?: readonly unknown[] };
}

const PROGRAM = fileURLToPath(new URL("first-answer.mjs", import.meta.url));

/**
 * Starts a function in a process of its own and has it answer one event.
 *
 * @throws Error when it ends before, or answers that it failed.
 */
export async function coldStart({ name, file }: Bundle, servers: Servers): Promise<ColdStart> {
  const event = name === "aggregate" ? recordEvent(servers) : requestEvent();
  const child = fork(PROGRAM, [file, JSON.stringify(event)], {
    // Lambda names the function: then infer loads its models while the module loads.
    env: { ...process.env, ...servers.environment, AWS_LAMBDA_FUNCTION_NAME: name },
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const told = await new Promise<Told>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Told));
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(new Error(`the process of ${name} ended with ${code} before it answered.`)),
    );
  });
  const { begunMs, loadedMs, answeredMs, cpuMs, rssBytes, answer } = told;
  if (answer.statusCode !== 200 && answer.batchItemFailures?.length !== 0) {
    throw new Error(`${name} answered that it failed: ${JSON.stringify(answer).slice(0, 500)}`);
  }
  return {
    phases: {
      "Node itself": begunMs,
      "module loaded, models included": loadedMs - begunMs,
      "first call answered": answeredMs - loadedMs,
      "process start to first answer": answeredMs,
      "CPU time of it, all threads": cpuMs,
    },
    memoryMb: rssBytes / 1e6,
  };
}

/** A departure in a batch of its own, as Lambda hands it. */
function recordEvent({ streams }: Servers): object {
  const now = Date.now();
  const row = {
    id: `d${now}`,
    scheduled: new Date(now).toISOString(),
    origin: "ATL",
    destination: "BOS",
    distance: 946,
  };
  const record = {
    eventID: `shardId-000000000000:${now}`,
    eventSourceARN: streams.get("departures"),
    kinesis: {
      partitionKey: row.origin,
      sequenceNumber: String(now),
      approximateArrivalTimestamp: now / 1000,
      data: Buffer.from(JSON.stringify(row)).toString("base64"),
    },
  };
  return { Records: [record] };
}

/** A request for features, as a function URL hands it. */
function requestEvent(): object {
  const path = "/v1/features";
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: { "content-type": "application/json", host: "localhost" },
    requestContext: {
      http: { method: "POST", path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "bench" },
    },
    body: JSON.stringify({ view: "origin_departures", keys: { origin: "ATL" } }),
    isBase64Encoded: false,
  };
}
