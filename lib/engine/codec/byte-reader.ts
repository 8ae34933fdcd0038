import { FreshetError } from "../../define/error.ts";

/** The code of null among numbers. */
const NULL_CODE = 3;

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);
// A byte order mark is part of the text.
/** Place value of a varint's eighth byte; 2^53 - 1 needs no ninth. */
const LARGEST_SCALE = 0x2000000000000;
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads what a {@link ByteWriter} wrote.
 * Every read past the end throws `IMAGE_CORRUPT`: a truncated image is never taken for a shorter one.
 */
export class ByteReader {
  constructor(
    public bytes: Uint8Array,
    public offset = 0,
    public end = bytes.length,
  ) {}

  /** Points this reader at another range, so that hot loops need no new object. */
  seek(bytes: Uint8Array, offset: number, end: number): this {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
    return this;
  }

  private need(count: number): void {
    if (this.offset + count > this.end) {
      this.refuse(`ends at byte ${this.end}, but ${count} more bytes are expected at byte ${this.offset}`);
    }
  }

  /** @throws FreshetError `IMAGE_CORRUPT`, always: `what` completes "a state image ...". */
  refuse(what: string): never {
    throw new FreshetError("IMAGE_CORRUPT", `a state image ${what}.`);
  }

  /** Says that nothing may follow what has been read. */
  expectEnd(): void {
    if (this.offset !== this.end) this.refuse(`has ${this.end - this.offset} bytes after its last part`);
  }

  byte(): number {
    this.need(1);
    return this.bytes[this.offset++]!;
  }

  varint(): number {
    const { bytes, offset, end } = this;
    // Most take one byte, and nearly all others two or three.
    if (offset + 1 < end) {
      const first = bytes[offset]!;
      if (first < 128) {
        this.offset = offset + 1;
        return first;
      }
      const second = bytes[offset + 1]!;
      if (second < 128) {
        this.offset = offset + 2;
        return (first & 127) | (second << 7);
      }
      if (offset + 2 < end) {
        const third = bytes[offset + 2]!;
        if (third < 128) {
          this.offset = offset + 3;
          return (first & 127) | ((second & 127) << 7) | (third << 14);
        }
      }
    }
    return this.longVarint();
  }

  private longVarint(): number {
    let value = 0;
    let scale = 1;
    for (let byte = 128; byte >= 128; scale *= 128) {
      if (scale > LARGEST_SCALE) this.refuse(`has a number of more than eight bytes at byte ${this.offset}`);
      byte = this.byte();
      value += (byte & 127) * scale;
    }
    return value;
  }

  signedVarint(): number {
    const code = this.varint();
    return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
  }

  number(): number {
    return this.numberOr(Number.NaN);
  }

  optionalNumber(): number | null {
    if (this.offset < this.end && this.bytes[this.offset] === NULL_CODE) {
      this.offset++;
      return null;
    }
    return this.number();
  }

  /** A number, or `absent` where null was written. */
  numberOr(absent: number): number {
    const code = this.varint();
    if (code < 0x80000000) {
      const zigzag = code >>> 2;
      const whole = (zigzag >>> 1) ^ -(zigzag & 1);
      switch (code & 3) {
        case 0:
          return whole;
        case 1:
          return whole / 100;
        case 2:
          return this.float64();
        default:
          return absent;
      }
    }
    const zigzag = Math.floor(code / 4);
    const whole = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    return code % 4 === 0 ? whole : whole / 100;
  }

  float64(): number {
    this.need(8);
    for (let i = 0; i < 8; i++) scratchBytes[i] = this.bytes[this.offset + i]!;
    this.offset += 8;
    return scratch.getFloat64(0);
  }

  uint32(): number {
    this.need(4);
    const { bytes, offset } = this;
    this.offset = offset + 4;
    return (
      ((bytes[offset]! << 24) |
        (bytes[offset + 1]! << 16) |
        (bytes[offset + 2]! << 8) |
        bytes[offset + 3]!) >>>
      0
    );
  }

  skip(count: number): void {
    this.need(count);
    this.offset += count;
  }

  text(): string {
    const length = this.varint();
    this.need(length);
    const start = this.offset;
    this.offset += length;
    return textDecoder.decode(this.bytes.subarray(start, start + length));
  }
}
