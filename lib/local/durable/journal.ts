import { join } from "node:path";
import { FreshetError } from "../../define/error.ts";
import type { AppendFile, StateFileSystem } from "./file-system.ts";
import { type Change, encodeFrame, readFrames } from "./frames.ts";
import { readSyncedMark, SYNCED_FILE, type SyncedMark, syncedMarkBytes } from "./synced-mark.ts";

/** What a journal holds of one map. */
export type JournalMap = ReadonlyMap<string, Uint8Array>;

/**
 * Maps in memory whose every change is in a file before it counts. The file has the changes of all maps in the order in
 * which they were made: whatever part of it a crash leaves, from the beginning on, is a moment that was.
 */
export interface Journal {
  readonly maps: readonly JournalMap[];
  /** Whether there is anything on the disk yet: changes made before `begin` are in memory alone. */
  readonly begun: boolean;
  /** Writes what the maps hold, and every change from now on. */
  begin(): void;
  /**
   * Makes changes together: when it returns they outlive this process, and the machine after `sync`.
   * @throws FreshetError `STATE_FOLDER_UNWRITABLE`, then and ever after; what is on the disk stays as it was before.
   */
  change(changes: readonly Change[]): void;
  /** @throws FreshetError `STATE_FOLDER_UNWRITABLE` */
  sync(): void;
  close(): void;
}

export interface JournalOptions {
  readonly folder: string;
  readonly files: StateFileSystem;
  /** How many maps, at most 255. */
  readonly maps: number;
  /** Told once, when nothing can be written any more. */
  readonly onFailure: (error: FreshetError) => void;
  /** The journal grows to so much, or to the size of its snapshot, before a new one is begun. @default 64 MiB */
  readonly compactAtBytes?: number;
}

/** Beyond the maps: how many entries a snapshot has, to know that it has them all. */
const END = { map: 255, key: "entries" } as const;
const FRAME_ENTRIES = 1_000;
const UNFINISHED = ".unfinished";
const SNAPSHOT = /^snapshot-(\d{6})$/;
const JOURNAL = /^journal-(\d{6})$/;

const nameOf = (kind: "snapshot" | "journal", generation: number): string =>
  `${kind}-${String(generation).padStart(6, "0")}`;

/**
 * Opens the journal of a folder, empty where there is none. Nothing is changed on the disk but what a crash left over,
 * and only when all else is right.
 *
 * @throws FreshetError `STATE_FOLDER_CORRUPT`, `STATE_FOLDER_UNWRITABLE`
 */
export function openJournal(options: JournalOptions): Journal {
  const { folder, files, onFailure, compactAtBytes = 64 * 1024 * 1024 } = options;
  const maps = Array.from({ length: options.maps }, () => new Map<string, Uint8Array>());
  const pathOf = (name: string): string => join(folder, name);
  let generation = 0;
  let snapshotBytes = 0;
  let journalBytes = 0;
  let file: AppendFile | null = null;
  let failure: FreshetError | null = null;

  const apply = ({ map, key, value }: Change): void => {
    const entries = maps[map];
    if (entries === undefined) throw corrupt(folder, `a change is of map ${map}, which there is not`);
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  };

  /** What cannot be written now may be in part: nothing follows it. */
  const writing = <Result>(work: () => Result): Result => {
    if (failure !== null) throw failure;
    try {
      return work();
    } catch (cause) {
      failure = unwritable(folder, cause);
      onFailure(failure);
      throw failure;
    }
  };

  const mark = (): void => {
    files.overwrite(pathOf(SYNCED_FILE), syncedMarkBytes({ generation, bytes: journalBytes }));
  };

  function writeSnapshot(name: string): number {
    const unfinished = pathOf(name + UNFINISHED);
    const snapshot = files.create(unfinished);
    let bytes = 0;
    const append = (changes: readonly Change[]): void => {
      const frame = encodeFrame(changes);
      snapshot.append(frame);
      bytes += frame.length;
    };
    try {
      let count = 0;
      let some: Change[] = [];
      for (const [map, entries] of maps.entries()) {
        for (const [key, value] of entries) {
          some.push({ map, key, value });
          count += 1;
          if (some.length === FRAME_ENTRIES) {
            append(some);
            some = [];
          }
        }
      }
      append([...some, { ...END, value: Buffer.from(String(count)) }]);
      snapshot.sync();
    } finally {
      snapshot.close();
    }
    files.rename(unfinished, pathOf(name));
    files.syncFolder(folder);
    return bytes;
  }

  /** Begins a generation: from here on its snapshot and its journal are what there is. */
  function startGeneration(): void {
    const next = generation + 1;
    const journal = files.create(pathOf(nameOf("journal", next)));
    try {
      snapshotBytes = writeSnapshot(nameOf("snapshot", next));
    } catch (error) {
      journal.close();
      throw error;
    }
    file?.close();
    file = journal;
    generation = next;
    journalBytes = 0;
    mark();
    removeOldGenerations();
  }

  function removeOldGenerations(): void {
    for (const name of files.list(folder) ?? []) {
      const number = (SNAPSHOT.exec(name) ?? JOURNAL.exec(name))?.[1];
      if (number !== undefined && Number(number) !== generation) files.remove(pathOf(name));
      if (name.endsWith(UNFINISHED)) files.remove(pathOf(name));
    }
  }

  function recover(): void {
    const names = files.list(folder) ?? [];
    const generations = names.flatMap((name) => {
      const number = SNAPSHOT.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    });
    generation = Math.max(0, ...generations);
    if (generation === 0) {
      // A crash before the first snapshot was whole leaves a journal with nothing in it.
      const lost = names.find((name) => JOURNAL.test(name) && files.read(pathOf(name)).length > 0);
      if (lost !== undefined) throw corrupt(folder, `${lost} is there without its snapshot`);
      toWrite(removeOldGenerations);
      return;
    }
    const synced = readSyncedMark(folder, files);
    readSnapshot(nameOf("snapshot", generation));
    readJournal(nameOf("journal", generation), synced);
    toWrite(removeOldGenerations);
  }

  function readSnapshot(name: string): void {
    const bytes = files.read(pathOf(name));
    let expected: number | null = null;
    const whole = readFrames(bytes, (change) => {
      if (change.map === END.map) expected = Number(Buffer.from(change.value ?? []).toString());
      else apply(change);
    });
    const count = maps.reduce((sum, { size }) => sum + size, 0);
    if (whole !== bytes.length || count !== expected) throw corrupt(folder, `${name} is not whole`);
    snapshotBytes = bytes.length;
  }

  function readJournal(name: string, synced: SyncedMark): void {
    const bytes = files.read(pathOf(name));
    journalBytes = readFrames(bytes, apply);
    // What had reached the disk must be there; after it, a crash may leave anything, and none of it was relied on.
    if (synced.generation > generation || (synced.generation === generation && journalBytes < synced.bytes)) {
      throw corrupt(
        folder,
        `${name} is whole up to byte ${journalBytes} of ${bytes.length}, and had been up to byte ${synced.bytes}`,
      );
    }
    toWrite(() => {
      file = files.openCut(pathOf(name), journalBytes);
    });
  }

  /** A folder that can be read and not written is not damaged. */
  function toWrite(work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw unwritable(folder, cause);
    }
  }

  try {
    recover();
  } catch (error) {
    if (error instanceof FreshetError) throw error;
    throw unreadable(folder, error);
  }

  return {
    maps,
    get begun() {
      return generation > 0;
    },
    begin: () =>
      writing(() => {
        const synced = files.create(pathOf(SYNCED_FILE + UNFINISHED));
        try {
          synced.append(syncedMarkBytes({ generation: 0, bytes: 0 }));
          synced.sync();
        } finally {
          synced.close();
        }
        files.rename(pathOf(SYNCED_FILE + UNFINISHED), pathOf(SYNCED_FILE));
        startGeneration();
      }),
    change: (changes) => {
      if (generation > 0) {
        writing(() => {
          const frame = encodeFrame(changes);
          file!.append(frame);
          journalBytes += frame.length;
        });
      }
      for (const change of changes) apply(change);
      if (generation > 0 && journalBytes > Math.max(compactAtBytes, snapshotBytes)) writing(startGeneration);
    },
    sync: () => {
      if (generation === 0) return;
      writing(() => {
        file!.sync();
        mark();
      });
    },
    close: () => {
      file?.close();
      file = null;
    },
  };
}

function corrupt(folder: string, what: string): FreshetError {
  return new FreshetError(
    "STATE_FOLDER_CORRUPT",
    `${folder} cannot be gone on from: ${what}. Nothing was changed in it; bring it back from a copy, or name an empty folder.`,
  );
}

function unreadable(folder: string, cause: unknown): FreshetError {
  return new FreshetError("STATE_FOLDER_CORRUPT", `${folder} cannot be read: ${(cause as Error).message}`, {
    cause,
  });
}

function unwritable(folder: string, cause: unknown): FreshetError {
  return new FreshetError(
    "STATE_FOLDER_UNWRITABLE",
    `${folder} cannot be written any more: ${(cause as Error).message}. What was acknowledged before is in it; the same command goes on from there.`,
    { cause },
  );
}
