import { join } from "node:path";
import { crc32 } from "node:zlib";
import { FreshetError } from "../../define/error.ts";
import type { StateFileSystem } from "./file-system.ts";

/** How much of which journal has reached the disk, and must be found there. */
export interface SyncedMark {
  readonly generation: number;
  readonly bytes: number;
}

export const SYNCED_FILE = "synced";

const MARK_BYTES = 16;

/** Generation, bytes (6 of them), and a checksum. */
export function syncedMarkBytes({ generation, bytes }: SyncedMark): Uint8Array {
  const mark = Buffer.alloc(MARK_BYTES);
  mark.writeUInt32LE(generation, 0);
  mark.writeUIntLE(bytes, 4, 6);
  mark.writeUInt32LE(crc32(mark.subarray(0, 12)), 12);
  return mark;
}

/** @throws FreshetError `STATE_FOLDER_CORRUPT` */
export function readSyncedMark(folder: string, files: StateFileSystem): SyncedMark {
  const mark = Buffer.from(files.read(join(folder, SYNCED_FILE)));
  if (mark.length !== MARK_BYTES || crc32(mark.subarray(0, 12)) !== mark.readUInt32LE(12)) {
    throw new FreshetError("STATE_FOLDER_CORRUPT", `${join(folder, SYNCED_FILE)} is damaged.`);
  }
  return { generation: mark.readUInt32LE(0), bytes: mark.readUIntLE(4, 6) };
}
