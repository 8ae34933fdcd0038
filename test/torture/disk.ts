import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { journalBytes } from "./kill-moment.ts";

const run = promisify(execFile);

/** How a command is begun, while the disk is as it is. */
export type Wrap = (command: readonly string[]) => readonly string[];

/** Where the state is kept, with what can go wrong with a disk. */
export interface Disk {
  /** `tmpfs`, a disk of its own; or `folder`, where a limit of file sizes and permissions stand for it. */
  readonly kind: "tmpfs" | "folder";
  /** A folder that does not exist yet, for a state. */
  folderOf(round: number): string;
  /** Leaves so much room and no more, while `work` runs. */
  whileFull<Result>(
    folder: string,
    roomBytes: number,
    work: (wrap?: Wrap) => Promise<Result>,
  ): Promise<Result>;
  /** Takes no write, while `work` runs. */
  whileReadOnly<Result>(folder: string, work: () => Promise<Result>): Promise<Result>;
  remove(): Promise<void>;
}

/** In memory, and taken only as it is used. */
const TMPFS_BYTES = 512 * 1024 * 1024;

/** A disk of its own where this process may mount one, else a folder. */
export async function openDisk(): Promise<Disk> {
  const root = await mkdtemp(join(tmpdir(), "freshet-torture-"));
  const isMounted = await run("mount", ["-t", "tmpfs", "-o", `size=${TMPFS_BYTES}`, "tmpfs", root]).then(
    () => true,
    () => false,
  );
  return isMounted ? tmpfsDisk(root) : folderDisk(root);
}

function tmpfsDisk(root: string): Disk {
  const remount = (options: string) => run("mount", ["-o", `remount,${options}`, root]);
  return {
    kind: "tmpfs",
    folderOf: (round) => join(root, `state-${round}`),
    async whileFull(_, roomBytes, work) {
      const { bsize, blocks, bfree } = await statfs(root);
      await remount(`size=${(blocks - bfree) * bsize + roomBytes}`);
      try {
        return await work();
      } finally {
        await remount(`size=${TMPFS_BYTES}`);
      }
    },
    async whileReadOnly(_, work) {
      await remount("ro");
      try {
        return await work();
      } finally {
        await remount("rw");
      }
    },
    async remove() {
      await run("umount", [root]);
      await rm(root, { recursive: true });
    },
  };
}

function folderDisk(root: string): Disk {
  return {
    kind: "folder",
    folderOf: (round) => join(root, `state-${round}`),
    async whileFull(folder, roomBytes, work) {
      // POSIX has the shell count in blocks of 512 bytes; a write beyond fails, as node ignores the signal.
      const blocks = Math.ceil(((await journalBytes(folder)) + roomBytes) / 512);
      return work((command) => ["sh", "-c", 'ulimit -f "$0" && exec "$@"', String(blocks), ...command]);
    },
    async whileReadOnly(folder, work) {
      if (process.getuid?.() === 0) {
        throw new Error(
          "nothing is read-only to root, and no tmpfs may be mounted here: run this as another user.",
        );
      }
      const modes = await modesBelow(folder);
      for (const [path, mode] of modes) await chmod(path, mode & ~0o222);
      try {
        return await work();
      } finally {
        for (const [path, mode] of modes) await chmod(path, mode);
      }
    },
    remove: () => rm(root, { recursive: true }),
  };
}

/** A folder and all in it, each with its permissions. */
async function modesBelow(folder: string): Promise<[string, number][]> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder, { recursive: true });
  const paths = [folder, ...names.map((name) => join(folder, name))];
  return Promise.all(paths.map(async (path): Promise<[string, number]> => [path, (await stat(path)).mode]));
}

/** A text that differs when a folder's files do, by name, size or time. */
export async function fingerprint(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const lines = names.map(async (name) => {
    const { size, mtimeMs } = await stat(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return (await Promise.all(lines)).join("\n");
}
