import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { FreshetError } from "../../define/error.ts";
import type { ObjectStore } from "../../engine/ports/object-store.ts";
import { createFileObjectStore } from "../file-object-store.ts";
import { nodeStateFileSystem, type StateFileSystem } from "./file-system.ts";
import { lockFolder } from "./folder-lock.ts";
import { type Journal, openJournal } from "./journal.ts";

/** What a folder's state was made by, and must be gone on with by. */
export type StateIdentity = Readonly<Record<string, unknown>>;

/** Everything a runtime keeps, in a folder. */
export interface StateFolder {
  readonly path: string;
  readonly journal: Journal;
  /** Late and quarantined records, as files that anyone can read. */
  readonly objectStore: ObjectStore;
  close(): Promise<void>;
}

/** The maps of the journal. */
export const STATE_MAPS = { stream: 0, table: 1, puts: 2, checkpoints: 3 } as const;

const IDENTITY_FILE = "freshet-state.json";
/** All that a crash leaves of a folder that was being made. */
const UNFINISHED_IDENTITY = `${IDENTITY_FILE}.unfinished`;
const OBJECTS_FOLDER = "objects";
const FORMAT = 1;

/**
 * Opens a folder that a runtime keeps its state in, or makes one. A folder that is not empty, and was not made by the
 * same, is refused and left as it is.
 *
 * @throws FreshetError `STATE_FOLDER_MISMATCH` for a folder of another program or of other settings,
 * `STATE_FOLDER_IN_USE`, `STATE_FOLDER_CORRUPT`, `STATE_FOLDER_UNWRITABLE`.
 */
export async function openStateFolder(options: {
  readonly path: string;
  readonly identity: StateIdentity;
  /** Told why, when nothing can be written any more. */
  readonly onFailure: (error: FreshetError) => void;
  /** @default the machine's disk */
  readonly files?: StateFileSystem;
}): Promise<StateFolder> {
  const { identity, onFailure, files = nodeStateFileSystem } = options;
  const given = resolve(options.path);
  const names = (listFolder(given, files) ?? []).filter((name) => name !== UNFINISHED_IDENTITY);
  if (names.length > 0) requireIdentity(given, names, identity, files);
  tryToWrite(given, () => files.makeFolder(given));
  const path = realpathSync(given);
  const lock = await lockFolder(path);
  try {
    if (names.length === 0) writeIdentity(path, identity, files);
    const maps = Object.keys(STATE_MAPS).length;
    const journal = openJournal({ folder: path, files, maps, onFailure });
    const objects = createFileObjectStore(join(path, OBJECTS_FOLDER));
    return {
      path,
      journal,
      objectStore: {
        ...objects,
        async put(key, body) {
          // An entry must not outlive the record it is of: after a power cut the record would come again as another.
          journal.sync();
          try {
            await objects.put(key, body);
          } catch (error) {
            if (error instanceof FreshetError && error.code === "OBJECT_STORE_UNWRITABLE") onFailure(error);
            throw error;
          }
        },
      },
      async close() {
        journal.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Where the late and quarantined records of a state folder are; null for a folder that is none. */
export function objectsFolderOf(path: string, files: StateFileSystem = nodeStateFileSystem): string | null {
  return listFolder(path, files)?.includes(IDENTITY_FILE) ? join(path, OBJECTS_FOLDER) : null;
}

function listFolder(path: string, files: StateFileSystem): readonly string[] | null {
  try {
    return files.list(path);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new FreshetError("STATE_FOLDER_MISMATCH", `${path} is not a folder that can be read: ${why}`, {
      cause,
    });
  }
}

function requireIdentity(
  path: string,
  names: readonly string[],
  identity: StateIdentity,
  files: StateFileSystem,
): void {
  if (!names.includes(IDENTITY_FILE)) {
    throw new FreshetError(
      "STATE_FOLDER_MISMATCH",
      `${path} holds ${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}, and no state of Freshet (${IDENTITY_FILE}). Nothing was changed in it; name an empty folder, or one that was made before.`,
    );
  }
  const found = readIdentity(join(path, IDENTITY_FILE), files);
  const wanted = JSON.parse(identityText(identity)) as StateIdentity;
  const differing = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].filter(
    (name) => JSON.stringify(found[name]) !== JSON.stringify(wanted[name]),
  );
  if (differing.length === 0) return;
  const differences = differing.map(
    (name) => `${name} was ${JSON.stringify(found[name])} and is ${JSON.stringify(wanted[name])}`,
  );
  throw new FreshetError(
    "STATE_FOLDER_MISMATCH",
    `${path} was made by another run: ${differences.join("; ")}. Nothing was changed in it; ask for the same, or name another folder.`,
  );
}

function readIdentity(file: string, files: StateFileSystem): StateIdentity {
  try {
    const identity: unknown = JSON.parse(Buffer.from(files.read(file)).toString("utf8"));
    if (typeof identity === "object" && identity !== null) return identity as StateIdentity;
  } catch (cause) {
    throw new FreshetError("STATE_FOLDER_CORRUPT", `${file} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
  throw new FreshetError("STATE_FOLDER_CORRUPT", `${file} does not say what made the folder.`);
}

function writeIdentity(path: string, identity: StateIdentity, files: StateFileSystem): void {
  tryToWrite(path, () => {
    const file = join(path, IDENTITY_FILE);
    const unfinished = join(path, UNFINISHED_IDENTITY);
    if (files.list(path)?.includes(UNFINISHED_IDENTITY)) files.remove(unfinished);
    const made = files.create(unfinished);
    try {
      made.append(Buffer.from(identityText(identity)));
      made.sync();
    } finally {
      made.close();
    }
    files.rename(unfinished, file);
    files.syncFolder(path);
  });
}

const identityText = (identity: StateIdentity): string =>
  `${JSON.stringify({ format: FORMAT, ...identity }, null, 2)}\n`;

function tryToWrite(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const why = (cause as Error).message;
    throw new FreshetError("STATE_FOLDER_UNWRITABLE", `${path} cannot be written: ${why}`, { cause });
  }
}
