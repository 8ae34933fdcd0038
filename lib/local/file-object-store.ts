import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { FreshetError } from "../define/error.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";

/** Marks files that are still being written; no key may end so. */
const UNFINISHED = ".unfinished";

/**
 * Objects as files in a folder, which is made when missing. A crash leaves an object whole or absent: it is written
 * beside its place, flushed to the disk, then renamed.
 *
 * @throws FreshetError `OBJECT_STORE_UNWRITABLE` from `put` when the folder cannot be written or the disk is full,
 * `OPTION_INVALID` from any call with a key that is not a plain `/`-separated path.
 *
 * @example
 * ```ts
 * const store = createFileObjectStore("./quarantine");
 * await store.put("orders/2024-01-01.jsonl", new TextEncoder().encode("{}\n"));
 * ```
 */
export function createFileObjectStore(folder: string): ObjectStore {
  const root = resolve(folder);
  const pathOf = (key: string) => join(root, ...segmentsOf(key));
  return {
    async put(key, body) {
      const path = pathOf(key);
      try {
        await writeWhole(path, body);
      } catch (error) {
        throw new FreshetError(
          "OBJECT_STORE_UNWRITABLE",
          `object ${JSON.stringify(key)} could not be written below ${root}: ${(error as Error).message}`,
          { cause: error },
        );
      }
    },

    async get(key) {
      try {
        return await readFile(pathOf(key));
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    async list(prefix) {
      let entries: string[];
      try {
        const files = await readdir(root, { recursive: true, withFileTypes: true });
        entries = files
          .filter((file) => file.isFile())
          .map((file) =>
            join(file.parentPath, file.name)
              .slice(root.length + 1)
              .replaceAll("\\", "/"),
          );
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
      return entries.filter((key) => key.startsWith(prefix) && !key.endsWith(UNFINISHED)).sort();
    },
  };
}

async function writeWhole(path: string, body: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const unfinished = join(folder, `${basename(path)}.${randomUUID()}${UNFINISHED}`);
  try {
    const file = await open(unfinished, "wx");
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Makes the rename itself durable, where the system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A key's parts. Refuses what could leave the folder, or name one file in two ways. */
function segmentsOf(key: string): readonly string[] {
  const segments = key.split("/");
  const plain = segments.every(
    (segment) =>
      segment !== "" &&
      segment !== "." &&
      segment !== ".." &&
      !segment.includes("\\") &&
      !segment.includes("\0"),
  );
  if (plain && !key.endsWith(UNFINISHED) && !/^[A-Za-z]:/.test(key)) return segments;
  throw new FreshetError(
    "OPTION_INVALID",
    `the object key is ${JSON.stringify(key)}; a key is a path of parts between single slashes, none of them "." or "..".`,
  );
}

/** No such file, or a folder on the way that is a file, or the other way round. */
const MISSING_CODES = ["ENOENT", "ENOTDIR", "EISDIR"];

function isMissing(error: unknown): boolean {
  return MISSING_CODES.includes((error as NodeJS.ErrnoException).code ?? "");
}
