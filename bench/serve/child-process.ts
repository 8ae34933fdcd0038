import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A program in a process of its own that answers what it is asked. */
export interface AnsweringProcess<Answers extends Readonly<Record<string, unknown>>> {
  /** @throws Error when the process ends instead. */
  ask<Question extends keyof Answers & string>(question: Question): Promise<Answers[Question]>;
  stop(): Promise<void>;
}

/** Starts a program of this folder; its standard output is thrown away. */
export function startProcess<Answers extends Readonly<Record<string, unknown>>>(
  program: string,
  args: readonly string[],
): AnsweringProcess<Answers> {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), args, {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}.`)));
  });
  ended.catch(() => {});
  return {
    async ask(question) {
      const answer = new Promise<Answers[typeof question]>((resolve) => {
        child.once("message", (message) => resolve(message as Answers[typeof question]));
      });
      child.send(question);
      return await Promise.race([answer, ended]);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await ended.catch(() => {});
    },
  };
}

/** The other side: answers each question by its name, one at a time. */
export function answerQuestions(answers: Readonly<Record<string, () => unknown>>): void {
  // Whoever asked is gone, however it ended.
  process.once("disconnect", () => process.exit());
  process.on("message", (question) => {
    void Promise.resolve(answers[question as string]!()).then((answer) => process.send!(answer));
  });
}

/** Processor time of this process so far, all threads. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
