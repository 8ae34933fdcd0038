import { crc32 } from "node:zlib";

/** One change of one of a journal's maps. Keys are bytes, as text of one character a byte. */
export interface Change {
  /** The number of the map. */
  readonly map: number;
  readonly key: string;
  /** Null: the key goes. */
  readonly value: Uint8Array | null;
}

/** Length of what follows, its checksum, and the checksum of these two: 4 bytes each, little-endian. */
const HEAD_BYTES = 12;
/** Of a change: map, kind, length of the key, length of the value. */
const CHANGE_HEAD_BYTES = 1 + 1 + 4 + 4;
const KIND = { remove: 0, put: 1 } as const;

/** Changes that take effect together or not at all, as a frame of a file. */
export function encodeFrame(changes: readonly Change[]): Uint8Array {
  let length = 0;
  for (const { key, value } of changes) length += CHANGE_HEAD_BYTES + key.length + (value?.length ?? 0);
  const frame = Buffer.allocUnsafe(HEAD_BYTES + length);
  let at = HEAD_BYTES;
  for (const { map, key, value } of changes) {
    at = frame.writeUInt8(map, at);
    at = frame.writeUInt8(value === null ? KIND.remove : KIND.put, at);
    at = frame.writeUInt32LE(key.length, at);
    at = frame.writeUInt32LE(value?.length ?? 0, at);
    at += frame.write(key, at, "latin1");
    if (value !== null) {
      frame.set(value, at);
      at += value.length;
    }
  }
  frame.writeUInt32LE(length, 0);
  frame.writeUInt32LE(crc32(frame.subarray(HEAD_BYTES)), 4);
  frame.writeUInt32LE(crc32(frame.subarray(0, 8)), 8);
  return frame;
}

/**
 * Reads frames from the beginning of a file.
 *
 * @returns the bytes up to the first frame that is not whole; the file's length where all are.
 */
export function readFrames(file: Uint8Array, take: (change: Change) => void): number {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let at = 0;
  for (;;) {
    const end = endOfFrame(bytes, at);
    if (end === null || !readChanges(bytes, at + HEAD_BYTES, end, take)) return at;
    at = end;
  }
}

/** Null where no whole frame begins. */
function endOfFrame(bytes: Buffer, at: number): number | null {
  const payloadAt = at + HEAD_BYTES;
  if (payloadAt > bytes.length) return null;
  if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32LE(at + 8)) return null;
  const end = payloadAt + bytes.readUInt32LE(at);
  if (end > bytes.length) return null;
  return crc32(bytes.subarray(payloadAt, end)) === bytes.readUInt32LE(at + 4) ? end : null;
}

/** False, and nothing taken, for a frame that is not made of changes though its checksum is right. */
function readChanges(bytes: Buffer, from: number, end: number, take: (change: Change) => void): boolean {
  const changes: Change[] = [];
  for (let at = from; at < end; ) {
    const keyAt = at + CHANGE_HEAD_BYTES;
    if (keyAt > end) return false;
    const map = bytes.readUInt8(at);
    const kind = bytes.readUInt8(at + 1);
    const valueAt = keyAt + bytes.readUInt32LE(at + 2);
    const next = valueAt + bytes.readUInt32LE(at + 6);
    if (next > end || (kind !== KIND.put && kind !== KIND.remove)) return false;
    const key = bytes.toString("latin1", keyAt, valueAt);
    // A copy: the file's bytes are let go of once it is read.
    changes.push({
      map,
      key,
      value: kind === KIND.put ? Uint8Array.from(bytes.subarray(valueAt, next)) : null,
    });
    at = next;
  }
  for (const change of changes) take(change);
  return true;
}
