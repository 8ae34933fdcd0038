/**
 * Writes docs/reference from the comments in lib: `npm run docs:reference`. With `--check` nothing is written, and it fails
 * when the pages are other ones. Either way it fails on any warning: a link to nowhere, a type that signatures name and
 * no entry exports, an export or an option without a comment.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));
const pages = fileURLToPath(new URL("../../docs/reference", import.meta.url));

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });

installWhenStale();
const written = mkdtempSync(join(tmpdir(), "freshet-reference-"));
try {
  // Its own folder, so that it finds its own TypeScript.
  run("node", [
    join(here, "node_modules/typedoc/bin/typedoc"),
    ...[
      "--options",
      join(here, "typedoc.json"),
      "--treatWarningsAsErrors",
      "--treatValidationWarningsAsErrors",
    ],
    ...["--out", written],
  ]);
  const made = textsOf(written);
  const kept = existsSync(pages) ? textsOf(pages) : new Map<string, string>();
  const names = new Set([...made.keys(), ...kept.keys()]);
  const changed = [...names].filter((name) => made.get(name) !== kept.get(name)).sort();
  if (values.check && changed.length > 0) {
    console.error(`docs/reference is not what lib says: ${changed.join(", ")}. Run npm run docs:reference`);
    process.exitCode = 1;
  } else if (!values.check) {
    rmSync(pages, { recursive: true, force: true });
    for (const [name, text] of made) {
      mkdirSync(dirname(join(pages, name)), { recursive: true });
      writeFileSync(join(pages, name), text);
    }
    console.log(
      `docs/reference is written: ${changed.length === 0 ? "nothing changed" : changed.join(", ")}`,
    );
  }
} finally {
  rmSync(written, { recursive: true });
}

function installWhenStale(): void {
  const installed = join(here, "node_modules/.package-lock.json");
  if (
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(join(here, "package-lock.json")).mtimeMs
  )
    return;
  run("npm", ["ci"]);
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, {
    cwd: here,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** The files of a folder, by path in it. */
function textsOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return new Map(
    names
      .filter((name) => name.endsWith(".md"))
      .map((name) => [name.replaceAll("\\", "/"), readFileSync(join(folder, name), "utf8")]),
  );
}
