import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FreshetError } from "../../lib/define/error.ts";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import { projectPackage } from "./project-package.ts";

const TEMPLATE = fileURLToPath(new URL("template/", import.meta.url));

/** The template is a project of this name, and its stack of the other. */
const TEMPLATE_NAME = /my-features/g;
const TEMPLATE_STACK = /MyFeatures/g;

/** Files that npm would not publish under their own name. */
const PUBLISHED_AS: Readonly<Record<string, string>> = { gitignore: ".gitignore" };

/** What a folder may hold already: the template has neither, so that nothing is overwritten. */
const OF_A_REPOSITORY: ReadonlySet<string> = new Set([".git", "LICENSE"]);

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_NAME_LENGTH = 64;

/** Why a name cannot be a project's, which is a package's and a folder's; null when it can. */
export function nameProblem(name: string): string | null {
  if (NAME.test(name) && name.length <= MAX_NAME_LENGTH) return null;
  return `Write at most ${MAX_NAME_LENGTH} lower-case letters, digits and single hyphens, a letter first, such as my-features.`;
}

/**
 * Writes a new project: definitions with their lock file, a test, a program that runs them, a CDK app, and a README.
 *
 * @param name - one that {@link nameProblem} finds nothing wrong with.
 * @returns the files, by their path in the project.
 * @throws FreshetError `OPTION_INVALID` when the folder holds more than a repository's own, or cannot be written.
 */
export async function createProject(name: string, folder: string): Promise<readonly string[]> {
  await requireEmpty(folder);
  const files: string[] = [];
  const write = async (file: string, body: string | Uint8Array) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), body, { flag: "wx" });
    files.push(file);
  };
  for (const file of (await readdir(TEMPLATE)).sort()) {
    const body = await readFile(join(TEMPLATE, file));
    await write(
      PUBLISHED_AS[file] ?? file,
      file.endsWith(".onnx") ? body : named(body.toString("utf8"), name),
    );
  }
  await write("package.json", `${JSON.stringify(projectPackage(name), null, 2)}\n`);
  await loadDefinitions(join(folder, "definitions.ts"), { lock: "update" });
  files.push("definitions.lock.json");
  return files.sort();
}

function named(text: string, name: string): string {
  const words = name.split("-").map((word) => `${word[0]!.toUpperCase()}${word.slice(1)}`);
  return text.replace(TEMPLATE_NAME, name).replace(TEMPLATE_STACK, words.join(""));
}

async function requireEmpty(folder: string): Promise<void> {
  let entries: readonly string[];
  try {
    await mkdir(folder, { recursive: true });
    entries = (await readdir(folder)).filter((entry) => !OF_A_REPOSITORY.has(entry));
  } catch (cause) {
    throw new FreshetError(
      "OPTION_INVALID",
      `${folder} cannot be made a folder: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  if (entries.length === 0) return;
  throw new FreshetError(
    "OPTION_INVALID",
    `${folder} holds ${entries.slice(0, 3).join(", ")}${entries.length > 3 ? ", ..." : ""}; a project is made in a new or an empty folder, which may hold ${[...OF_A_REPOSITORY].join(" and ")}.`,
  );
}
