import type { DeliveredRecord } from "../record.ts";

/** Longer records are left to `JSON.parse`. A multiple of three: base64 then tells its length to the byte. */
export const LONGEST_SCANNED = 65_535;

/** Bytes that may be read behind a record: a block of a hash. */
const MARGIN = 16;

const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const SPACES = 0x20202020;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;

/**
 * The bytes of one record at a time, and a byte of 0 after them, at which every part of a record ends. Four are read at
 * once: an unaligned load costs what that of a byte does.
 */
export class RecordBytes {
  readonly bytes = Buffer.alloc(LONGEST_SCANNED + MARGIN);
  readonly words = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  /** The record's length. */
  end = 0;

  /** Takes a record's bytes; false for one too long to be scanned. */
  load(record: DeliveredRecord): boolean {
    const { bytes } = this;
    const { base64 } = record;
    if (base64 === undefined) {
      const { data } = record;
      if (data.length > LONGEST_SCANNED) return false;
      bytes.set(data);
      this.end = data.length;
    } else {
      // Four characters for three bytes.
      if (base64.length > (LONGEST_SCANNED / 3) * 4) return false;
      this.end = bytes.write(base64, "base64");
    }
    bytes[this.end] = 0;
    return true;
  }

  text(start: number, end: number): string {
    return this.bytes.toString("latin1", start, end);
  }

  /** Where text that is ASCII without quotes, escapes and control characters ends, from a place on. */
  endOfPlainText(start: number): number {
    const { words, bytes } = this;
    let at = start;
    for (;;) {
      const word = words.getInt32(at, true);
      // The high bit of a byte: one below space, a quote, a backslash (where a difference to them is 0), or no ASCII.
      const odd = (word - SPACES) | ((word ^ QUOTES) - ONES) | ((word ^ BACKSLASHES) - ONES) | word;
      if ((odd & HIGH_BITS) !== 0) break;
      at += 4;
    }
    while (isPlain(bytes[at]!)) at++;
    return at;
  }
}

function isPlain(byte: number): boolean {
  return byte >= 32 && byte < 128 && byte !== 34 && byte !== 92;
}

/** Bytes to compare a record's with, four at a time. */
export class Literal {
  readonly length: number;
  private readonly words: Int32Array;
  /** What counts of each word: all but of the last. */
  private readonly masks: Int32Array;

  constructor(text: string) {
    const bytes = Buffer.from(text, "latin1");
    this.length = bytes.length;
    const padded = new DataView(new ArrayBuffer(bytes.length + 4));
    new Uint8Array(padded.buffer).set(bytes);
    const count = Math.ceil(bytes.length / 4);
    this.words = Int32Array.from({ length: count }, (_, i) => padded.getInt32(4 * i, true));
    this.masks = Int32Array.from({ length: count }, (_, i) => lowBytes(Math.min(4, bytes.length - 4 * i)));
  }

  /** Whether it stands at a place of the record. */
  isAt({ words }: RecordBytes, at: number): boolean {
    const { words: own, masks } = this;
    for (let i = 0; i < own.length; i++) {
      if (((words.getInt32(at + 4 * i, true) ^ own[i]!) & masks[i]!) !== 0) return false;
    }
    return true;
  }
}

/** A word of which so many low bytes are ones. */
export function lowBytes(count: number): number {
  return count === 4 ? -1 : (1 << (8 * count)) - 1;
}
