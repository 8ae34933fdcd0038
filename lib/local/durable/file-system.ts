import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";

/** A file that only grows. */
export interface AppendFile {
  /** Hands all bytes to the system: they outlive this process when it returns, and the machine after `sync`. */
  append(bytes: Uint8Array): void;
  sync(): void;
  close(): void;
}

/**
 * What a state folder does to the disk. Calls are synchronous, so that what one write of a server leaves is decided
 * before its answer; all throw what Node throws.
 */
export interface StateFileSystem {
  /** With those above it. Does nothing where there is one. */
  makeFolder(path: string): void;
  /** Names in a folder; null where there is no such folder. */
  list(path: string): readonly string[] | null;
  read(path: string): Uint8Array;
  /** Makes a file that there must not be. */
  create(path: string): AppendFile;
  /** Opens a file that there is, cut to its first `length` bytes. */
  openCut(path: string, length: number): AppendFile;
  /** Writes the whole of a small file in place. */
  overwrite(path: string, bytes: Uint8Array): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Makes names that were made, changed or removed outlive the machine. */
  syncFolder(path: string): void;
}

/** The machine's own disk. */
export const nodeStateFileSystem: StateFileSystem = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true }),
  list: (path) => {
    try {
      return readdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  },
  read: (path) => readFileSync(path),
  create: (path) => appendFile(openSync(path, "wx")),
  openCut: (path, length) => {
    const descriptor = openSync(path, "r+");
    ftruncateSync(descriptor, length);
    closeSync(descriptor);
    return appendFile(openSync(path, "a"));
  },
  overwrite: (path, bytes) => {
    // In place: a file cut to nothing first could be found empty.
    const descriptor = openSync(path, "r+");
    try {
      writeSync(descriptor, bytes, 0, bytes.length, 0);
    } finally {
      closeSync(descriptor);
    }
  },
  rename: renameSync,
  remove: (path) => rmSync(path),
  syncFolder: (path) => {
    if (process.platform === "win32") return;
    const descriptor = openSync(path, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  },
};

function appendFile(descriptor: number): AppendFile {
  return {
    append: (bytes) => {
      // The system may take a part, as it does when the disk fills up.
      for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from);
    },
    sync: () => fsyncSync(descriptor),
    close: () => closeSync(descriptor),
  };
}
