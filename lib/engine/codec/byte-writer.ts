import { ByteReader } from "./byte-reader.ts";

const EXACT_LIMIT = 0x4000000000000;

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);
const textEncoder = new TextEncoder();

/**
 * Appends the primitives of the state format (docs/state-format.md) to a growing buffer.
 * Unsigned and signed varints hold whole numbers below 2^53 in magnitude; `number` is bit-exact for every double,
 * with one encoding for NaN and for zero (R8).
 */
export class ByteWriter {
  private bytes: Uint8Array;
  private readonly reader = new ByteReader(new Uint8Array(0));
  /** Where the part begins that is being written; what stands before it was taken and is never written again. */
  private start = 0;
  /** Where the buffer has no more room: its end, or what {@link load} put there. */
  private limit: number;
  length = 0;

  constructor(private readonly capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
    this.limit = capacity;
  }

  /**
   * Lets go of what was not taken, copies what is to be edited to the end of the buffer, and answers where it stands:
   * the parts of it that stay are then moved within one buffer. It is good until the next call.
   */
  load(source: Uint8Array): { readonly bytes: Uint8Array; readonly start: number } {
    this.reset();
    // Room for it, and for what will be written, which is seldom much longer.
    const room = 2 * source.length + 1024;
    if (this.start + room > this.bytes.length) this.move(room);
    this.limit = this.bytes.length - source.length;
    this.bytes.set(source, this.limit);
    return { bytes: this.bytes, start: this.limit };
  }

  /** Lets go of what was written since the start, or since {@link take}. */
  reset(): void {
    this.length = this.start;
  }

  /** A copy of what was written, of exactly its length. */
  toBytes(): Uint8Array {
    return this.bytes.slice(this.start, this.length);
  }

  /**
   * What was written, as a view: an array of its own would cost more than writing a small image does. It pins the
   * buffer, of `capacity` bytes or twice its own size, for as long as it is held.
   */
  take(): Uint8Array {
    const part = new Uint8Array(this.bytes.buffer, this.start, this.length - this.start);
    this.start = this.length;
    return part;
  }

  private reserve(extra: number): void {
    if (this.length + extra <= this.limit) return;
    this.move(2 * (this.length - this.start + extra));
  }

  /** Goes on in another buffer; what was taken or loaded stays in this one. */
  private move(room: number): void {
    const part = this.bytes.subarray(this.start, this.length);
    this.bytes = new Uint8Array(Math.max(room, this.capacity));
    this.bytes.set(part);
    this.length = part.length;
    this.start = 0;
    this.limit = this.bytes.length;
  }

  byte(value: number): void {
    if (this.length === this.limit) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, low bits first. */
  varint(value: number): void {
    if (value < 128 && this.length < this.limit) {
      this.bytes[this.length++] = value;
      return;
    }
    this.reserve(8);
    let rest = value;
    let at = this.length;
    while (rest > 0x7fffffff) {
      this.bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.bytes[at++] = (rest & 127) | 0x80;
      rest >>>= 7;
    }
    this.bytes[at++] = rest;
    this.length = at;
  }

  /** A whole number of magnitude below 2^52, sign in the lowest bit. */
  signedVarint(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** Any double: whole numbers and decimals of two places as tagged varints, all others as eight raw bytes. */
  number(value: number): void {
    if (Number.isInteger(value) && value < EXACT_LIMIT && value > -EXACT_LIMIT) {
      this.varint((value < 0 ? -value * 2 - 1 : value * 2) * 4);
      return;
    }
    const hundredths = Math.round(value * 100);
    if (hundredths / 100 === value && hundredths < EXACT_LIMIT && hundredths > -EXACT_LIMIT) {
      this.varint((hundredths < 0 ? -hundredths * 2 - 1 : hundredths * 2) * 4 + 1);
      return;
    }
    this.byte(2);
    this.float64(value);
  }

  /** Like {@link number}, with one more code for null. */
  optionalNumber(value: number | null): void {
    if (value === null) this.byte(3);
    else this.number(value);
  }

  float64(value: number): void {
    // A NaN's payload bits differ between processors; the canonical quiet NaN is written for all of them.
    if (Number.isNaN(value)) {
      scratch.setUint32(0, 0x7ff80000);
      scratch.setUint32(4, 0);
    } else scratch.setFloat64(0, value);
    this.raw(scratchBytes, 0, 8);
  }

  uint32(value: number): void {
    this.reserve(4);
    const at = this.length;
    this.bytes[at] = value >>> 24;
    this.bytes[at + 1] = value >>> 16;
    this.bytes[at + 2] = value >>> 8;
    this.bytes[at + 3] = value;
    this.length = at + 4;
  }

  /** Bytes `start` to `end` of another buffer, as they are. */
  raw(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    if (count < 16) for (let i = 0; i < count; i++) this.bytes[this.length + i] = source[start + i]!;
    else if (source === this.bytes) this.bytes.copyWithin(this.length, start, end);
    else this.bytes.set(source.subarray(start, end), this.length);
    this.length += count;
  }

  /** The first `count` bytes of another buffer, last to first. */
  reversed(source: Uint8Array, count: number): void {
    this.reserve(count);
    for (let i = 1; i <= count; i++) this.bytes[this.length++] = source[count - i]!;
  }

  /** Bytes `start` to `end` of what another writer holds. */
  copy(other: ByteWriter, start: number, end: number): void {
    this.raw(other.bytes, start, end);
  }

  /** A reader of what is written so far, from `offset` on; good until the next call. */
  readerAt(offset: number): ByteReader {
    return this.reader.seek(this.bytes, offset, this.length);
  }

  /** UTF-8 text after its length in bytes. */
  text(value: string): void {
    const encoded = textEncoder.encode(value);
    this.varint(encoded.length);
    this.raw(encoded, 0, encoded.length);
  }

  /** Starts a part that is written after its length in bytes; {@link endSection} takes what this answers. */
  beginSection(): number {
    this.byte(0);
    return this.length - this.start;
  }

  endSection(section: number): void {
    // One byte was left for the length; a longer one moves the part on.
    this.reserve(8);
    const start = this.start + section;
    const length = this.length - start;
    if (length < 128) {
      this.bytes[start - 1] = length;
      return;
    }
    let more = 0;
    for (let rest = length; rest > 127; rest >>>= 7) more++;
    this.bytes.copyWithin(start + more, start, start + length);
    this.length = start - 1;
    this.varint(length);
    this.length += length;
  }
}
