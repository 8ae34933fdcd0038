import { resolve } from "node:path";
import { Command } from "commander";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { lockFileOf } from "../../lib/lock/structure-lock.ts";
import type { CommandContext } from "../command-context.ts";

/** `freshet lock DEFINITIONS`: adds new view versions to the lock file beside the definitions (R13). */
export function lockCommand({ output }: CommandContext): Command {
  return new Command("lock")
    .description("add new view versions to the lock file beside the definitions; a changed one is an error")
    .argument("<definitions>", "the TypeScript or JavaScript module that exports the definitions")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nExit code: 0, 1 for definitions that are refused or a view that has changed (told in one line), 2 for wrong usage.",
    )
    .action(async (definitions: string, options: { json?: true }) => {
      const lockFile = lockFileOf(resolve(definitions));
      const { views } = await loadDefinitions(definitions, { lock: "update" });
      if (options.json === true) {
        output.write(
          JSON.stringify(
            { lockFile, views: views.map(({ name, version }) => `${name}@${version}`) },
            null,
            2,
          ),
        );
      } else output.write(`${lockFile}: ${views.length} ${views.length === 1 ? "view" : "views"} locked.`);
    });
}
