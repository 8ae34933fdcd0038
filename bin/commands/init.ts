import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.ts";
import { createProject, nameProblem } from "../init/create-project.ts";

/** `freshet init NAME`: a new project, ready to run, to test and to deploy. */
export function initCommand({ output }: CommandContext): Command {
  return new Command("init")
    .description("make a folder with a new project: definitions, a test, and what runs and deploys them")
    .argument(
      "<name>",
      "the project's name, and its folder's: lower-case letters, digits and hyphens",
      parseName,
    )
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nExit code: 0, 1 for a folder that holds more than .git and LICENSE, or cannot be written (told in one line), 2 for wrong usage.",
    )
    .action(async (name: string, options: { json?: true }) => {
      const folder = resolve(name);
      const files = await createProject(name, folder);
      output.write(
        options.json === true ? JSON.stringify({ folder, files }, null, 2) : projectText(name, files),
      );
    });
}

function projectText(name: string, files: readonly string[]): string {
  return [
    `${name}: ${files.join(", ")}`,
    "",
    `  cd ${name} && npm install`,
    "  npm start         runs it on this machine, with a live page",
    "  npm test          tests it on time that the tests move",
    "  npx cdk deploy    deploys it to the AWS account of your environment",
  ].join("\n");
}

function parseName(text: string): string {
  const problem = nameProblem(text);
  if (problem === null) return text;
  throw new InvalidArgumentError(problem);
}
