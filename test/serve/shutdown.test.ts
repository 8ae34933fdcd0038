import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { serveApi } from "../../lib/local/serve-api.ts";
import { createAdmission } from "../../lib/serve/limits/admission.ts";
import { serveLimits } from "../../lib/serve/limits/limits.ts";
import { type SignalledProcess, type StopSignal, stopOnSignal } from "../../lib/serve/stop-on-signal.ts";
import { harness, REQUEST } from "./fixtures/harness.ts";

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A prediction over a connection that is kept alive. */
function predict(url: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(REQUEST);
    const sent = request(
      `${url}/v1/predict`,
      { method: "POST", agent, headers: { "Content-Type": "application/json" } },
      async (response) => {
        let text = "";
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode!, body: text });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Whether a connection can be made. */
function connects(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

describe("the local server", () => {
  it("finishes the requests that it accepted before it stops, and takes no further connection", async () => {
    const { app, reader } = harness();
    let open = () => {};
    reader.gate = new Promise((resolve) => {
      open = resolve;
    });
    const server = await serveApi({ app, port: 0 });
    const agent = new Agent({ keepAlive: true });
    const accepted = [predict(server.endpoint, agent), predict(server.endpoint, agent)];
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stopped = server.stop();
    // Those that were made before are taken first.
    await expect.poll(() => connects(server.endpoint)).toBe(false);
    // Longer than idle connections are left alone.
    setTimeout(open, 1_200);
    const answers = await Promise.all(accepted);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    for (const { body } of answers) expect(JSON.parse(body)).toMatchObject({ policy: "serve" });
    await stopped;
    agent.destroy();
  });

  it("stops at once while connections that are kept alive are idle", async () => {
    const { app } = harness();
    const server = await serveApi({ app, port: 0 });
    const agent = new Agent({ keepAlive: true });
    expect((await predict(server.endpoint, agent)).status).toBe(200);
    await server.stop();
    agent.destroy();
  });
});

/** A process that only tells what it was told. */
function fakeProcess() {
  const listeners = new Map<StopSignal, () => void>();
  const exits: number[] = [];
  const target: SignalledProcess = {
    on: (signal, listener) => listeners.set(signal, listener),
    off: (signal) => listeners.delete(signal),
    exit: (code) => void exits.push(code),
  };
  return { target, exits, listeners, raise: (signal: StopSignal) => listeners.get(signal)!() };
}

describe("stopOnSignal", () => {
  it("exits with 0 once everything has been finished", async () => {
    const admission = createAdmission(serveLimits());
    const leave = (await admission.enter())!;
    const { target, exits, raise } = fakeProcess();
    stopOnSignal({ stop: () => admission.drain(), onFailure: () => {}, process: target });
    raise("SIGTERM");
    await new Promise(setImmediate);
    expect(exits).toEqual([]);
    leave();
    await new Promise(setImmediate);
    expect(exits).toEqual([0]);
  });

  it("exits with 1 where stopping fails, and at a second signal", async () => {
    const failures: unknown[] = [];
    const failing = fakeProcess();
    const onFailure = (error: unknown) => void failures.push(error);
    stopOnSignal({ stop: async () => Promise.reject("no"), onFailure, process: failing.target });
    failing.raise("SIGTERM");
    await new Promise(setImmediate);
    expect([failing.exits, failures]).toEqual([[1], ["no"]]);
    const hanging = fakeProcess();
    const remove = stopOnSignal({
      stop: () => new Promise(() => {}),
      onFailure,
      signals: ["SIGTERM", "SIGINT"],
      process: hanging.target,
    });
    hanging.raise("SIGINT");
    hanging.raise("SIGTERM");
    expect(hanging.exits).toEqual([1]);
    remove();
    expect(hanging.listeners.size).toBe(0);
  });

  it("ends a real process after the answer that it owes", async () => {
    const child = spawn(
      process.execPath,
      [
        "--import",
        createRequire(import.meta.url).resolve("tsx"),
        fileURLToPath(new URL("fixtures/slow-server.ts", import.meta.url)),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const ended = once(child, "exit");
    const url = await firstLine(child);
    const answer = predict(url, new Agent({ keepAlive: true }));
    await firstLine(child);
    child.kill("SIGTERM");
    expect((await answer).status).toBe(200);
    expect(await ended).toEqual([0, null]);
  });
});

/** The next line that a process writes. */
async function firstLine(child: ChildProcess): Promise<string> {
  const [data] = (await once(child.stdout!, "data")) as [Buffer];
  return data.toString().trim();
}
