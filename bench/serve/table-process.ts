/** dynalite in a process of its own. */
import { startDynalite } from "../../lib/local/dynalite-server.ts";
import { answerQuestions, cpuMs } from "./child-process.ts";

/** What {@link answerQuestions} answers here. */
export interface TableAnswers extends Readonly<Record<string, unknown>> {
  readonly endpoint: string;
  readonly cpuMs: number;
}

const started = startDynalite();

answerQuestions({ endpoint: async () => (await started).endpoint, cpuMs });
