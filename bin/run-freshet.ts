import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { describeCommand } from "./commands/describe.ts";
import { lockCommand } from "./commands/lock.ts";
import type { Output } from "./output.ts";

const USAGE_ERROR = 2;

/**
 * Runs the command line.
 *
 * @param parameters - what follows the command's name.
 * @returns the exit code: 0, 1 for an error (told in one line), 2 for wrong usage.
 */
export async function runFreshet(parameters: readonly string[], output: Output): Promise<number> {
  const program = new Command("freshet")
    .description("Real-time machine-learning features on AWS with no cluster to run.")
    .version(packageJson.version);
  for (const command of [describeCommand(output), lockCommand(output)]) program.addCommand(command);
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({
      writeOut: (text) => output.write(text.trimEnd()),
      writeErr: (text) => output.writeError(text.trimEnd()),
    });
  }
  try {
    await program.parseAsync(parameters, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    output.writeError(`freshet: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}
