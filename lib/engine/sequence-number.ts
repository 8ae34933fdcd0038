import { FreshetError } from "../define/error.ts";

/** Orders sequence numbers: decimals of any length, compared as padded strings, never as numbers (R2). */
export function compareSequenceNumbers(left: string, right: string): number {
  if (left.length !== right.length) {
    const width = Math.max(left.length, right.length);
    return compareSequenceNumbers(left.padStart(width, "0"), right.padStart(width, "0"));
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

const DECIMAL = /^\d+$/;
const CHUNK_DIGITS = 7;
const CHUNK = 10_000_000;
/** Limb times chunk stays far below 2^53. */
const LIMB = 0x1000000;
const limbs = new Float64Array(64);

/**
 * A sequence number as a whole number in bytes, high byte first, without leading zeros: 24 bytes for 56 digits.
 *
 * @throws FreshetError `STREAM_UNAVAILABLE` for text that is no decimal, or of more than 400 digits.
 */
export function sequenceBytes(text: string): Uint8Array {
  if (!DECIMAL.test(text) || text.length > 400) {
    throw new FreshetError(
      "STREAM_UNAVAILABLE",
      `${JSON.stringify(text)} is not a sequence number: it is a decimal of up to 400 digits.`,
    );
  }
  let used = 0;
  let end = text.length % CHUNK_DIGITS || CHUNK_DIGITS;
  for (let start = 0; start < text.length; start = end, end += CHUNK_DIGITS) {
    let carry = 0;
    for (let i = start; i < end; i++) carry = carry * 10 + text.charCodeAt(i) - 48;
    for (let i = 0; i < used; i++) {
      const value = limbs[i]! * CHUNK + carry;
      carry = Math.floor(value / LIMB);
      limbs[i] = value - carry * LIMB;
    }
    if (carry > 0) limbs[used++] = carry;
  }
  if (used === 0) return new Uint8Array(0);
  const top = limbs[used - 1]!;
  const topBytes = top >= 65_536 ? 3 : top >= 256 ? 2 : 1;
  const bytes = new Uint8Array((used - 1) * 3 + topBytes);
  let at = bytes.length;
  for (let i = 0; i < used; i++) {
    const limb = limbs[i]!;
    bytes[--at] = limb;
    if (at > 0) bytes[--at] = limb >>> 8;
    if (at > 0) bytes[--at] = limb >>> 16;
  }
  return bytes;
}

/** The decimal of {@link sequenceBytes}. */
export function sequenceText(bytes: Uint8Array): string {
  let hex = "0x0";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return BigInt(hex).toString();
}

/** Whether the first number is at most the second, both as {@link sequenceBytes} makes them. */
export function sameOrEarlier(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return left.length < right.length;
  for (let i = 0; i < left.length; i++) {
    if (left[i] !== right[i]) return left[i]! < right[i]!;
  }
  return true;
}
