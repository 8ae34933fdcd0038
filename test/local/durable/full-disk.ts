import { nodeStateFileSystem, type StateFileSystem } from "../../../lib/local/durable/file-system.ts";

/** A disk that takes so many bytes and no more: the last write that is tried is taken in part, as a real one's is. */
export function fullDisk(roomBytes: number): StateFileSystem {
  let room = roomBytes;
  const disk = nodeStateFileSystem;
  const limited = (file: ReturnType<StateFileSystem["create"]>) => ({
    ...file,
    append: (bytes: Uint8Array) => {
      const taken = bytes.subarray(0, room);
      room -= taken.length;
      file.append(taken);
      if (taken.length < bytes.length) {
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      }
    },
  });
  return {
    ...disk,
    create: (path) => limited(disk.create(path)),
    openCut: (path, length) => limited(disk.openCut(path, length)),
  };
}
