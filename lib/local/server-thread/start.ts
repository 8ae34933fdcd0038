import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { KIT_IS_TYPESCRIPT, kitModule } from "../../bundle/kit-modules.ts";
import type { ServerPair } from "../server-pair.ts";
import type { Answer, Question } from "./messages.ts";

type Asked = Question extends infer Each ? (Each extends Question ? Omit<Each, "id"> : never) : never;

interface Waiting {
  readonly resolve: (result: number | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts both servers in a thread of their own, in memory: they take about a third of a replay's processor time. What
 * takes them down takes the process down, as it would in its own thread.
 */
export async function startServerThread(): Promise<ServerPair> {
  const worker = new Worker(
    KIT_IS_TYPESCRIPT
      ? new URL("entry-by-tsx.mjs", import.meta.url)
      : pathToFileURL(kitModule("lib/local/server-thread/entry")),
    // Of the process's own some are refused in a thread.
    { execArgv: [] },
  );
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
