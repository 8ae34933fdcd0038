import { resolve } from "node:path";
import { Command } from "commander";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { lockFileOf } from "../../lib/local/structure-lock.ts";
import type { Output } from "../output.ts";

/** `freshet lock DEFINITIONS`: adds new view versions to the lock file beside the definitions (R13). */
export function lockCommand(output: Output): Command {
  return new Command("lock")
    .description("add new view versions to the lock file beside the definitions; a changed one is an error")
    .argument("<definitions>", "the TypeScript or JavaScript module that exports the definitions")
    .action(async (definitions: string) => {
      const { views } = await loadDefinitions(definitions, { lock: "update" });
      output.write(
        `${lockFileOf(resolve(definitions))}: ${views.length} ${views.length === 1 ? "view" : "views"} locked.`,
      );
    });
}
