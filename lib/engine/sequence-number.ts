import { FreshetError } from "../define/error.ts";
import type { ByteWriter } from "./codec/byte-writer.ts";

/** Orders sequence numbers: decimals of any length, compared as padded strings, never as numbers (R2). */
export function compareSequenceNumbers(left: string, right: string): number {
  if (left.length !== right.length) {
    const width = Math.max(left.length, right.length);
    return compareSequenceNumbers(left.padStart(width, "0"), right.padStart(width, "0"));
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

const MAX_DIGITS = 400;
const CHUNK_DIGITS = 7;
const CHUNK = 10_000_000;
/** Limb times chunk stays far below 2^53. */
const LIMB = 0x1000000;
const LIMB_BYTES = 3;
const limbs = new Float64Array(64);

/** A number as bytes, low byte first, without leading zeros; those past its length are not its own. */
interface SequenceBytes {
  text: string;
  length: number;
  readonly lowFirst: Uint8Array;
}

const sequenceBytes = (): SequenceBytes => ({
  text: "0",
  length: 0,
  lowFirst: new Uint8Array(limbs.length * LIMB_BYTES),
});
/** The number compared last: a batch compares its first with every item. */
const compared = sequenceBytes();
/** The number written last. */
const written = sequenceBytes();

/** @throws FreshetError `STREAM_UNAVAILABLE` for text that is no decimal, or of more than 400 digits. */
function readSequence(text: string, into: SequenceBytes): void {
  if (text === into.text) return;
  into.length = parseSequence(text, into.lowFirst);
  into.text = text;
}

/**
 * What the first digits of a number come to. A shard's numbers differ in their last digits alone for thousands of
 * records, and an item costs two of them.
 */
const prefix = { text: "", used: 0, limbs: new Float64Array(limbs.length) };
const SUFFIX_DIGITS = 2 * CHUNK_DIGITS;

function parseSequence(text: string, lowFirst: Uint8Array): number {
  const { length } = text;
  if (length === 0 || length > MAX_DIGITS) throw notASequenceNumber(text);
  const prefixLength = length - SUFFIX_DIGITS;
  let used = 0;
  if (prefixLength <= 0) used = appendDigits(text, 0, length, 0);
  else {
    if (prefix.text.length !== prefixLength || !text.startsWith(prefix.text)) {
      prefix.used = appendDigits(text, 0, prefixLength, 0);
      prefix.limbs.set(limbs);
      prefix.text = text.slice(0, prefixLength);
    }
    limbs.set(prefix.limbs);
    used = appendDigits(text, prefixLength, length, prefix.used);
  }
  if (used === 0) return 0;
  for (let i = 0, at = 0; i < used; i++) {
    const limb = limbs[i]!;
    lowFirst[at++] = limb;
    lowFirst[at++] = limb >>> 8;
    lowFirst[at++] = limb >>> 16;
  }
  const top = limbs[used - 1]!;
  return (used - 1) * LIMB_BYTES + (top >= 65_536 ? 3 : top >= 256 ? 2 : 1);
}

/**
 * Appends digits to the number in the first `used` limbs, and answers how many it then takes: chunks of seven, of which
 * the first may be shorter where no number stands before it.
 */
function appendDigits(text: string, from: number, to: number, used: number): number {
  let taken = used;
  let end = from + ((to - from) % CHUNK_DIGITS || CHUNK_DIGITS);
  for (let start = from; start < to; start = end, end += CHUNK_DIGITS) {
    let carry = 0;
    for (let i = start; i < end; i++) {
      const digit = text.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) throw notASequenceNumber(text);
      carry = carry * 10 + digit;
    }
    for (let i = 0; i < taken; i++) {
      const value = limbs[i]! * CHUNK + carry;
      carry = Math.floor(value / LIMB);
      limbs[i] = value - carry * LIMB;
    }
    if (carry > 0) limbs[taken++] = carry;
  }
  return taken;
}

function notASequenceNumber(text: string): FreshetError {
  return new FreshetError(
    "STREAM_UNAVAILABLE",
    `${JSON.stringify(text)} is not a sequence number: it is a decimal of up to ${MAX_DIGITS} digits.`,
  );
}

/**
 * Writes a sequence number as a whole number in bytes after their count, high byte first, without leading zeros: 24
 * bytes for 56 digits.
 *
 * @throws FreshetError `STREAM_UNAVAILABLE` for text that is no decimal, or of more than 400 digits.
 */
export function writeSequence(writer: ByteWriter, text: string): void {
  readSequence(text, written);
  const { length, lowFirst } = written;
  writer.varint(length);
  writer.reversed(lowFirst, length);
}

/** Whether a number is at most the one that {@link writeSequence} wrote to `bytes`, from `start` to `end`. */
export function isAtMost(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  readSequence(text, compared);
  const { length, lowFirst } = compared;
  if (length !== end - start) return length < end - start;
  for (let i = 0; i < length; i++) {
    const byte = lowFirst[length - 1 - i]!;
    if (byte !== bytes[start + i]) return byte < bytes[start + i]!;
  }
  return true;
}

/** The decimal of the number that {@link writeSequence} wrote to `bytes`, from `start` to `end`. */
export function sequenceText(bytes: Uint8Array, start: number, end: number): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("hex");
  return BigInt(`0x0${hex}`).toString();
}
