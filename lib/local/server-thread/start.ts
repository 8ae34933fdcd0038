import { Worker } from "node:worker_threads";
import { KIT_IS_TYPESCRIPT } from "../../bundle/kit-modules.ts";
import type { ServerPair } from "../server-pair.ts";
import type { Answer, Question } from "./messages.ts";

type Asked = Question extends infer Each ? (Each extends Question ? Omit<Each, "id"> : never) : never;

interface Waiting {
  readonly resolve: (result: number | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts both servers in a thread of their own, in memory: they take a fifth of a replay's processor time. What
 * takes them down takes the process down, as it would in its own thread.
 */
export async function startServerThread(): Promise<ServerPair> {
  const entry = KIT_IS_TYPESCRIPT ? "entry-by-tsx.mjs" : "entry.js";
  // Of the process's own arguments some are refused in a thread.
  const worker = new Worker(new URL(entry, import.meta.url), { execArgv: [] });
  const waiting = new Map<number, Waiting>();
  let asked = 0;

  const endpoints = await new Promise<ServerPair["endpoints"]>((resolve, reject) => {
    worker.once("error", reject);
    worker.on("message", (answer: Answer) => {
      if ("started" in answer) {
        worker.off("error", reject);
        resolve(answer.started);
        return;
      }
      const question = waiting.get(answer.id)!;
      waiting.delete(answer.id);
      if ("error" in answer) question.reject(answer.error);
      else question.resolve(answer.result);
    });
  });
  const ask = (question: Asked): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const id = asked++;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, ...question } satisfies Question);
    });
  return {
    endpoints,
    trim: async (run) => {
      await ask({ call: "trim", run });
    },
    count: async (run) => (await ask({ call: "count", run }))!,
    stop: async () => {
      await ask({ call: "stop" });
      await worker.terminate();
    },
  };
}
