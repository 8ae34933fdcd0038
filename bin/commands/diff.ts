import { Command } from "commander";
import { FreshetError } from "../../lib/define/error.ts";
import type { CommandContext } from "../command-context.ts";
import { diffDefinitions } from "../diff/diff-definitions.ts";
import { diffText } from "../diff/diff-text.ts";

const NEEDS_CARE = 1;
const NOT_LOADED = 2;

/** `freshet diff OLD NEW`: what a change of definitions means for state, cost, models and callers. */
export function diffCommand({ output, exitWith }: CommandContext): Command {
  return new Command("diff")
    .description(
      "tell what a change of definitions means: same state or a new version, what warms, what it costs, which models and callers it touches",
    )
    .argument("<old>", "the module of definitions as deployed")
    .argument("<new>", "the module of definitions as it shall be")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nExit code: 0 nothing needs care, 1 something does (a new version, above all, or a removal), 2 wrong usage or definitions that are refused.",
    )
    .action(async (from: string, to: string, options: { json?: true }) => {
      let difference: Awaited<ReturnType<typeof diffDefinitions>>;
      try {
        difference = await diffDefinitions(from, to);
      } catch (error) {
        if (!(error instanceof FreshetError)) throw error;
        output.writeError(`freshet: ${error.message}`);
        exitWith(NOT_LOADED);
        return;
      }
      output.write(options.json === true ? JSON.stringify(difference, null, 2) : diffText(difference));
      if (difference.needsCare) exitWith(NEEDS_CARE);
    });
}
