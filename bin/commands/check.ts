import { Command } from "commander";
import { isContinuousIntegration } from "../../lib/local/load-definitions.ts";
import { checkDefinitions } from "../check/check-definitions.ts";
import { checkText } from "../check/check-text.ts";
import type { CommandContext } from "../command-context.ts";

/** `freshet check DEFINITIONS`: everything that is wrong with definitions, found without a deployment (R14). */
export function checkCommand({ output, exitWith }: CommandContext): Command {
  return new Command("check")
    .description(
      "find everything that loading, locking and serving would refuse, model files included; nothing is written",
    )
    .argument("<definitions>", "the TypeScript or JavaScript module that exports the definitions")
    .option("--json", "print one JSON object")
    .option("--frozen", "a view that the lock file does not know is an error (the default where CI is set)")
    .addHelpText("after", "\nExit code: 0 no errors (there may be warnings), 1 errors, 2 wrong usage.")
    .action(async (definitions: string, options: { json?: true; frozen?: true }) => {
      const frozen = options.frozen ?? isContinuousIntegration();
      const report = await checkDefinitions(definitions, { frozen });
      output.write(options.json === true ? JSON.stringify(report, null, 2) : checkText(report));
      if (report.errors > 0) exitWith(1);
    });
}
