/** What runs in the thread: both servers, and answers to what is asked of them beside their own API. */
import { parentPort } from "node:worker_threads";
import { startServerPair } from "../server-pair.ts";
import type { Answer, Question } from "./messages.ts";

const port = parentPort!;
const answer = (message: Answer): void => port.postMessage(message);

const servers = await startServerPair();

async function carryOut(question: Question): Promise<number | undefined> {
  if (question.call === "count") return servers.count(question.run);
  if (question.call === "trim") await servers.trim(question.run);
  else await servers.stop();
  return undefined;
}

port.on("message", (question: Question) => {
  const { id } = question;
  carryOut(question).then(
    (result) => answer({ id, result }),
    (error: unknown) => answer({ id, error }),
  );
});
answer({ started: servers.endpoints });
