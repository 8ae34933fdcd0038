import { type RunOptions, runFreshet } from "../../bin/run-freshet.ts";

/** What a command printed. */
export interface CommandResult {
  readonly exitCode: number;
  readonly printed: string;
  readonly errors: string;
}

/** Runs the command line in this process. */
export function run(...parameters: string[]): Promise<CommandResult> {
  return runWith({}, ...parameters);
}

/** The same, with a clock and a way to interrupt it. */
export async function runWith(
  options: Omit<RunOptions, "output">,
  ...parameters: string[]
): Promise<CommandResult> {
  const printed: string[] = [];
  const errors: string[] = [];
  const exitCode = await runFreshet(parameters, {
    ...options,
    output: { write: (text) => printed.push(text), writeError: (text) => errors.push(text) },
  });
  return { exitCode, printed: printed.join("\n"), errors: errors.join("\n") };
}
