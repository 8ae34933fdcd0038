import { Command } from "commander";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import type { CommandContext } from "../command-context.ts";
import { describeDefinitions } from "../describe/description.ts";
import { descriptionText } from "../describe/description-text.ts";

/** `freshet describe DEFINITIONS`: what the definitions mean, keep and cost. Reads the lock file and leaves it alone. */
export function describeCommand({ output }: CommandContext): Command {
  return new Command("describe")
    .description(
      "print what each view keeps: windows, tiles, bounds, read and write units; services and models",
    )
    .argument("<definitions>", "the TypeScript or JavaScript module that exports the definitions")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nExit code: 0, 1 for definitions that are refused (told in one line), 2 for wrong usage.",
    )
    .action(async (definitions: string, options: { json?: true }) => {
      const description = describeDefinitions(await loadDefinitions(definitions, { lock: "verify" }));
      output.write(
        options.json === true ? JSON.stringify(description, null, 2) : descriptionText(description),
      );
    });
}
