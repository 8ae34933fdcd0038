import { Agent, request } from "node:http";

/** Requests that were answered, and how long each took. */
export interface LoadResult {
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
}

/** A request to send, over and over. */
export interface LoadRequest {
  readonly url: string;
  /** A body for each request, by its number. */
  readonly body: (number: number) => string;
}

/**
 * Sends requests over so many connections, each its next one when the last is answered, until so many are.
 *
 * @throws Error for an answer that is not 200.
 */
export async function load(
  { url, body }: LoadRequest,
  { connections, requests }: { readonly connections: number; readonly requests: number },
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  let number = 0;
  const connection = async () => {
    while (number < requests) {
      const sentMs = performance.now();
      await post(agent, url, body(number++));
      latenciesMs.push(performance.now() - sentMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, connection));
    return { latenciesMs, elapsedMs: performance.now() - startedMs };
  } finally {
    agent.destroy();
  }
}

function post(agent: Agent, url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(url, { agent, method: "POST", headers }, (response) => {
      let start = "";
      response.on("data", (chunk: Buffer) => {
        if (start.length < 500) start += chunk.toString("utf8", 0, 500);
      });
      response.once("error", reject);
      response.once("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${url} answered ${response.statusCode}: ${start}`));
      });
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
