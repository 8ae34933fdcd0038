import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { type Clock, systemClock } from "../lib/engine/ports/clock.ts";
import type { CommandContext } from "./command-context.ts";
import { checkCommand } from "./commands/check.ts";
import { costCommand } from "./commands/cost.ts";
import { describeCommand } from "./commands/describe.ts";
import { diffCommand } from "./commands/diff.ts";
import { initCommand } from "./commands/init.ts";
import { lockCommand } from "./commands/lock.ts";
import { tailCommand } from "./commands/tail.ts";
import type { Output } from "./output.ts";

const USAGE_ERROR = 2;

export interface RunOptions {
  readonly output: Output;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** Ends a command that would go on. @default never */
  readonly interrupted?: AbortSignal;
}

/**
 * Runs the command line.
 *
 * @param parameters - what follows the command's name.
 * @returns the exit code: 0, 1 for an error (told in one line) or what the command documents, 2 for wrong usage.
 */
export async function runFreshet(parameters: readonly string[], options: RunOptions): Promise<number> {
  const { output, clock = systemClock, interrupted = new AbortController().signal } = options;
  let exitCode = 0;
  const context: CommandContext = {
    output,
    clock,
    interrupted,
    exitWith(code) {
      exitCode = code;
    },
  };
  const program = new Command("freshet")
    .description("Real-time machine-learning features on AWS with no cluster to run.")
    .version(ownVersion());
  const commands = [
    initCommand,
    describeCommand,
    checkCommand,
    diffCommand,
    costCommand,
    lockCommand,
    tailCommand,
  ];
  for (const command of commands) program.addCommand(command(context));
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => output.write(text.trimEnd()),
      writeErr: (text) => output.writeError(text.trimEnd()),
    });
  }
  try {
    await program.parseAsync(parameters, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    output.writeError(`freshet: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

/** By the package's own name: this module stands elsewhere in the repository than in the package. */
function ownVersion(): string {
  const { version } = createRequire(import.meta.url)("freshet-kit/package.json") as {
    readonly version: string;
  };
  return version;
}
