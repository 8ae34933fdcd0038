import { Command } from "commander";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { describeDefinitions } from "../describe/description.ts";
import { descriptionText } from "../describe/description-text.ts";
import type { Output } from "../output.ts";

/** `freshet describe DEFINITIONS`: what the definitions mean, keep and cost. Reads the lock file and leaves it alone. */
export function describeCommand(output: Output): Command {
  return new Command("describe")
    .description(
      "print what each view keeps: windows, tiles, bounds, read and write units; services and models",
    )
    .argument("<definitions>", "the TypeScript or JavaScript module that exports the definitions")
    .option("--json", "print one JSON object")
    .action(async (definitions: string, options: { json?: true }) => {
      const description = describeDefinitions(await loadDefinitions(definitions, { lock: "verify" }));
      output.write(
        options.json === true ? JSON.stringify(description, null, 2) : descriptionText(description),
      );
    });
}
