import { readFile, rename, writeFile } from "node:fs/promises";
import { basename, extname, isAbsolute, relative } from "node:path";
import { FreshetError } from "../define/error.ts";
import type { View } from "../define/types.ts";
import { planView } from "../engine/plan.ts";
import { structureHash } from "./structure.ts";

/** The lock file beside a definitions file: `fraud.ts` has `fraud.lock.json`. */
export function lockFileOf(definitionsPath: string): string {
  return `${definitionsPath.slice(0, definitionsPath.length - extname(definitionsPath).length)}.lock.json`;
}

/** The command that locks a definitions file, as it is typed in the working folder. */
export function lockCommandOf(definitionsPath: string): string {
  const path = relative(process.cwd(), definitionsPath);
  return `freshet lock ${path.startsWith("..") || isAbsolute(path) ? definitionsPath : path}`;
}

/**
 * Compares each view's structure with the lock file (R13).
 * Entries are never changed or removed: an old version may be deployed again.
 *
 * @param unknown - what becomes of views that the lock file does not know: they are added to it, refused, or let be.
 * @returns the names (`card@1`) that were added.
 * @throws FreshetError `STRUCTURE_CHANGED` when a known version has another structure, `STRUCTURE_NOT_LOCKED` when a
 *   view is unknown and may not be added, `DEFINITIONS_NOT_LOADABLE` when the lock file cannot be read.
 */
export async function checkStructureLock(
  definitionsPath: string,
  views: readonly View[],
  { unknown }: { readonly unknown: "add" | "refuse" | "allow" },
): Promise<readonly string[]> {
  const path = lockFileOf(definitionsPath);
  const locked = await readLock(path);
  const plans = views.map(planView);
  const added: [string, string][] = [];
  for (const plan of plans) {
    const hash = structureHash(plan);
    const known = locked.get(plan.id);
    if (known === undefined) added.push([plan.id, hash]);
    else if (known !== hash) {
      const { name, version } = plan.view;
      throw new FreshetError(
        "STRUCTURE_CHANGED",
        `view ${plan.id}: what it keeps has changed since ${basename(path)} was written, and state of one version is never read as another. Raise its version to ${version + 1}; if ${name}@${version} was never deployed, remove its line from ${path} instead.`,
      );
    }
  }
  if (added.length === 0 || unknown === "allow") return [];
  const names = added.map(([id]) => id);
  const command = `run "${lockCommandOf(definitionsPath)}" and commit ${basename(path)}.`;
  if (unknown === "refuse") {
    throw new FreshetError(
      "STRUCTURE_NOT_LOCKED",
      `${names.join(", ")}: not in ${path}, which may not be written here (CI or frozen); ${command}`,
    );
  }
  for (const [id, hash] of added) locked.set(id, hash);
  try {
    await writeLock(path, locked);
  } catch (cause) {
    throw new FreshetError(
      "STRUCTURE_NOT_LOCKED",
      `${names.join(", ")}: not in ${path}, and it cannot be written (${(cause as Error).message}); where it can, ${command}`,
      { cause },
    );
  }
  return names;
}

async function readLock(path: string): Promise<Map<string, string>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw unreadable(path, (cause as Error).message, cause);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw unreadable(path, (cause as Error).message, cause);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw unreadable(path, "it is not a JSON object");
  }
  const entries = Object.entries(parsed);
  for (const [name, hash] of entries) {
    if (typeof hash !== "string") throw unreadable(path, `the hash of ${JSON.stringify(name)} is not text`);
  }
  return new Map(entries);
}

function unreadable(path: string, reason: string, cause?: unknown): FreshetError {
  return new FreshetError(
    "DEFINITIONS_NOT_LOADABLE",
    `${path} cannot be read as a lock file: ${reason}. Restore it from version control.`,
    { cause },
  );
}

async function writeLock(path: string, locked: ReadonlyMap<string, string>): Promise<void> {
  const sorted = [...locked].sort(([left], [right]) => (left < right ? -1 : 1));
  // Another process may read it at any moment, so it appears whole.
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
  await rename(partial, path);
}
