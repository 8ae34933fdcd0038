import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { AnswerMessage, CallMessage, PipelineCalls } from "./messages.ts";

/** The pipeline in its process. */
export interface Pipeline extends PipelineCalls {
  readonly url: string;
  /** Kinesis's endpoint. */
  readonly kinesis: string;
  readonly streamName: string;
  /** Ends the process, however it is. */
  kill(): void;
}

const ENTRY = fileURLToPath(new URL("process.ts", import.meta.url));

/** @param options.folder - for what is set aside. */
export async function startPipeline(options: { readonly folder: string }): Promise<Pipeline> {
  const child = fork(ENTRY, [options.folder], {
    execArgv: ["--expose-gc", "--import", "tsx"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // The definitions are locked already, and nothing may be written beside them.
    env: { ...process.env, CI: "true" },
  });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let calls = 0;
  let ended: Error | null = null;
  child.on("message", (message: AnswerMessage) => {
    if (message.kind === "started" || message.id === null) return;
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.kind === "answer") call?.resolve(message.value);
    else call?.reject(new Error(`the pipeline's process: ${message.message}`));
  });
  child.once("exit", (code, signal) => {
    ended = new Error(`the pipeline's process ended with ${signal ?? code}.`);
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  });
  const call = <Name extends keyof PipelineCalls>(name: Name) =>
    new Promise<unknown>((resolve, reject) => {
      if (ended !== null) return reject(ended);
      calls += 1;
      waiting.set(calls, { resolve, reject });
      child.send({ id: calls, call: name } satisfies CallMessage);
    }) as ReturnType<PipelineCalls[Name]>;

  const { url, kinesis, streamName } = await started(child);
  return {
    url,
    kinesis,
    streamName,
    sample: () => call("sample"),
    handled: () => call("handled"),
    settle: () => call("settle"),
    counts: () => call("counts"),
    stop: () => call("stop"),
    kill: () => void child.kill("SIGKILL"),
  };
}

async function started(child: ChildProcess): Promise<Extract<AnswerMessage, { readonly kind: "started" }>> {
  const [message] = await Promise.race([
    once(child, "message") as Promise<[AnswerMessage]>,
    once(child, "exit").then(([code]) => {
      throw new Error(`the pipeline's process ended with ${code} before it had started.`);
    }),
  ]);
  if (message.kind !== "started") throw new Error("the pipeline's process spoke before it had started.");
  return message;
}
