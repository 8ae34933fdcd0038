import type { Scalar } from "../define/where.ts";

/** A 64-bit hash as two unsigned 32-bit halves; hashing writes into one that the caller keeps. */
export interface Hash64 {
  high: number;
  low: number;
}

/** Seeds that keep equal-looking values of different types apart: `1`, `"1"` and `true` hash differently. */
const TEXT_SEED = 0;
const NUMBER_SEED = 1;
const BOOLEAN_SEED = 2;

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

const encoder = new TextEncoder();
/** What is being hashed, as bytes and as words. */
let bytes = new Uint8Array(4096);
let view = new DataView(bytes.buffer);

/**
 * Hashes the UTF-8 bytes of a text: the first 64 bits of MurmurHash3_x86_128 with seed 0, its first word as `low`.
 * A lone surrogate hashes as U+FFFD.
 *
 * @example
 * ```ts
 * const hash = { high: 0, low: 0 };
 * hashText("txn-1", hash);
 * ```
 */
export function hashText(text: string, into: Hash64): void {
  const { length } = text;
  // Three bytes a UTF-16 unit at most.
  reserve(length * 3);
  const target = bytes;
  // encodeInto costs about 50 ns whatever the length; a loop over few ASCII characters costs less.
  if (length < 16) {
    let codes = 0;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      codes |= code;
      target[i] = code;
    }
    if (codes < 128) {
      hashBytes(length, TEXT_SEED, into);
      return;
    }
  }
  hashBytes(encoder.encodeInto(text, target).written, TEXT_SEED, into);
}

/** Hashes the text that ASCII bytes `start` to `end` are, as {@link hashText} does; 16 more bytes can be read. */
export function hashAscii(words: DataView, start: number, end: number, into: Hash64): void {
  hashWords(words, start, end - start, TEXT_SEED, into);
}

/** Makes room for so many bytes, and to read a whole block at the end. */
function reserve(length: number): void {
  if (bytes.length >= length + 16) return;
  bytes = new Uint8Array(length + 16);
  view = new DataView(bytes.buffer);
}

/**
 * Hashes a value of any type, types kept apart by the hash's seed. Texts hash as {@link hashText}; numbers by the
 * eight bytes of their double, low byte first (one encoding for zero and for NaN, R8); booleans as one byte.
 */
export function hashScalar(value: Scalar, into: Hash64): void {
  if (typeof value === "string") {
    hashText(value, into);
  } else if (typeof value === "boolean") {
    bytes[0] = value ? 1 : 0;
    hashBytes(1, BOOLEAN_SEED, into);
  } else {
    view.setFloat64(0, value + 0, true);
    if (Number.isNaN(value)) {
      // A NaN's payload differs between processors.
      view.setUint32(0, 0, true);
      view.setUint32(4, 0x7ff80000, true);
    }
    hashBytes(8, NUMBER_SEED, into);
  }
}

/** Hashes the first `length` bytes of the scratch buffer. */
function hashBytes(length: number, seed: number, into: Hash64): void {
  hashWords(view, 0, length, seed, into);
}

/** MurmurHash3_x86_128 of `length` bytes from `start` on, behind which 16 can be read. */
function hashWords(words: DataView, start: number, length: number, seed: number, into: Hash64): void {
  let h1 = seed;
  let h2 = seed;
  let h3 = seed;
  let h4 = seed;
  const whole = start + (length & ~15);
  for (let at = start; at < whole; at += 16) {
    h1 ^= Math.imul(rotate(Math.imul(words.getInt32(at, true), C1), 15), C2);
    h1 = (Math.imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotate(Math.imul(words.getInt32(at + 4, true), C2), 16), C3);
    h2 = (Math.imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotate(Math.imul(words.getInt32(at + 8, true), C3), 17), C4);
    h3 = (Math.imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotate(Math.imul(words.getInt32(at + 12, true), C4), 18), C1);
    h4 = (Math.imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  // The last 0 to 15 bytes, and zeros after them: a word of zeros leaves its part of the state as it is.
  const rest = length & 15;
  if (rest > 12) h4 ^= Math.imul(rotate(Math.imul(lowWord(words, whole + 12, rest - 12), C4), 18), C1);
  if (rest > 8) h3 ^= Math.imul(rotate(Math.imul(lowWord(words, whole + 8, rest - 8), C3), 17), C4);
  if (rest > 4) h2 ^= Math.imul(rotate(Math.imul(lowWord(words, whole + 4, rest - 4), C2), 16), C3);
  if (rest > 0) h1 ^= Math.imul(rotate(Math.imul(lowWord(words, whole, rest), C1), 15), C2);

  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = mix(h2 + h1);
  h3 = mix(h3 + h1);
  h4 = mix(h4 + h1);
  h1 = (mix(h1) + h2 + h3 + h4) | 0;
  into.low = h1 >>> 0;
  into.high = (h2 + h1) >>> 0;
}

/** The first `count` bytes of a word, or all four of them. */
function lowWord(words: DataView, at: number, count: number): number {
  const word = words.getInt32(at, true);
  return count >= 4 ? word : word & ((1 << (8 * count)) - 1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
