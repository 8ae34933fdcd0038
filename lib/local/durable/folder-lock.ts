import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FreshetError } from "../../define/error.ts";

/** Keeps a folder for this process alone. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Locks a folder until it is released or this process is gone, however it goes: the lock is a socket that it listens on.
 *
 * @throws FreshetError `STATE_FOLDER_IN_USE`
 */
export async function lockFolder(realPath: string): Promise<FolderLock> {
  const address = socketPath(realPath);
  const server =
    (await listen(address)) ?? ((await isAnswered(address)) ? null : await listenInPlaceOf(address));
  if (server === null) {
    throw new FreshetError(
      "STATE_FOLDER_IN_USE",
      `${realPath} is in use by another process; wait for its end, or name another folder.`,
    );
  }
  server.unref();
  return {
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A path of its own for each folder; a folder's own path may be longer than a socket's may be. */
function socketPath(realPath: string): string {
  const name = `freshet-${createHash("sha256").update(realPath).digest("hex").slice(0, 24)}`;
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

/** What a process that was killed left behind gives way. */
function listenInPlaceOf(address: string): Promise<Server | null> {
  rmSync(address, { force: true });
  return listen(address);
}

/** Null when the address is taken. */
function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(null);
      else reject(error);
    });
    server.listen(address, () => resolve(server));
  });
}

function isAnswered(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
