import type { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";

/** Bounds of a ring (R3). */
export interface DedupBounds {
  readonly horizonMs: number;
  readonly count: number;
}

const targetWords = new Int32Array(2);
const target = new DataView(targetWords.buffer);

/**
 * The ids seen lately, as 64-bit hashes in the order they came, bounded by an arrival horizon and a count.
 * Hashes and arrivals stay in their stored form: a batch copies them in and out whole, and reads only the ends.
 * Reused between items: {@link read} replaces what it holds.
 */
export class DedupRing {
  private words: Int32Array;
  private bytes: Uint8Array;
  private head = 0;
  private tail = 0;
  /** Arrivals after the first, each less the one before, as signed varints; `gapHead` is the first still held. */
  private readonly gaps = new ByteWriter(256);
  private gapHead = 0;
  private oldestMs = 0;
  private newestMs = 0;
  /** Ids that the count pushed out while the horizon still held them. */
  overflow = 0;

  constructor(private readonly bounds: DedupBounds) {
    this.words = new Int32Array(2 * (bounds.count + 66));
    this.bytes = new Uint8Array(this.words.buffer);
  }

  get size(): number {
    return this.tail - this.head;
  }

  clear(): void {
    this.head = 0;
    this.tail = 0;
    this.gaps.reset();
    this.gapHead = 0;
    this.overflow = 0;
  }

  /** Lets go of ids from the front that the horizon no longer holds at this arrival. */
  expire(arrivalMs: number): void {
    const keptFromMs = arrivalMs - this.bounds.horizonMs;
    while (this.head < this.tail && this.oldestMs < keptFromMs) this.dropOldest();
  }

  private dropOldest(): void {
    this.head++;
    if (this.head === this.tail) return;
    const reader = this.gaps.readerAt(this.gapHead);
    this.oldestMs += reader.signedVarint();
    this.gapHead = reader.offset;
  }

  /** Whether the id came within the horizon before this arrival. */
  has(identityHigh: number, identityLow: number, arrivalMs: number): boolean {
    setTarget(identityHigh, identityLow);
    const { words } = this;
    const first = targetWords[0]!;
    const second = targetWords[1]!;
    const end = 2 * this.tail;
    for (let at = 2 * this.head; at < end; at += 2) {
      // Arrivals may run backwards, so an id behind a later one can be past the horizon and still stand.
      if (words[at] === first && words[at + 1] === second) {
        if (this.arrivalOf(at / 2) >= arrivalMs - this.bounds.horizonMs) return true;
      }
    }
    return false;
  }

  private arrivalOf(index: number): number {
    const reader = this.gaps.readerAt(this.gapHead);
    let arrivalMs = this.oldestMs;
    for (let i = this.head; i < index; i++) arrivalMs += reader.signedVarint();
    return arrivalMs;
  }

  add(identityHigh: number, identityLow: number, arrivalMs: number): void {
    if (this.bounds.count === 0) return;
    if (this.size === this.bounds.count) {
      this.dropOldest();
      this.overflow++;
    }
    if (2 * this.tail === this.words.length) this.makeRoom();
    if (this.size === 0) {
      this.gaps.reset();
      this.gapHead = 0;
      this.oldestMs = arrivalMs;
    } else this.gaps.signedVarint(arrivalMs - this.newestMs);
    this.newestMs = arrivalMs;
    setTarget(identityHigh, identityLow);
    this.words[2 * this.tail] = targetWords[0]!;
    this.words[2 * this.tail + 1] = targetWords[1]!;
    this.tail++;
  }

  private makeRoom(): void {
    const size = this.size;
    if (2 * (size + 1) > this.words.length) this.grow(2 * size + 2);
    else this.words.copyWithin(0, 2 * this.head, 2 * this.tail);
    this.head = 0;
    this.tail = size;
  }

  private grow(ids: number): void {
    const grown = new Int32Array(2 * ids);
    grown.set(this.words.subarray(2 * this.head, 2 * this.tail));
    this.words = grown;
    this.bytes = new Uint8Array(grown.buffer);
  }

  /** Count; then, unless it is 0, the newest arrival, the oldest before it, the hashes, and the gaps after their length. */
  write(writer: ByteWriter): void {
    writer.varint(this.size);
    if (this.size === 0) return;
    writer.signedVarint(this.newestMs);
    writer.signedVarint(this.newestMs - this.oldestMs);
    writer.raw(this.bytes, 8 * this.head, 8 * this.tail);
    writer.varint(this.gaps.length - this.gapHead);
    writer.copy(this.gaps, this.gapHead, this.gaps.length);
  }

  read(reader: ByteReader): void {
    this.clear();
    const size = reader.varint();
    if (size === 0) return;
    this.newestMs = reader.signedVarint();
    this.oldestMs = this.newestMs - reader.signedVarint();
    const hashes = reader.offset;
    reader.skip(8 * size);
    // An image of a definition with a larger count may hold more than this ring's bounds.
    if (2 * size > this.words.length) this.grow(2 * size);
    this.bytes.set(reader.bytes.subarray(hashes, reader.offset));
    this.tail = size;
    const length = reader.varint();
    const gaps = reader.offset;
    reader.skip(length);
    this.gaps.raw(reader.bytes, gaps, reader.offset);
  }

  /** Skips a ring's bytes, for readers of features alone. */
  static skip(reader: ByteReader): void {
    const size = reader.varint();
    if (size === 0) return;
    reader.varint();
    reader.varint();
    reader.skip(8 * size);
    reader.skip(reader.varint());
  }
}

/** The words of an id's hash as the stored bytes, high half first, read on this machine. */
function setTarget(identityHigh: number, identityLow: number): void {
  target.setUint32(0, identityHigh);
  target.setUint32(4, identityLow);
}
