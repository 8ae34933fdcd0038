import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";

/** Bounds of a ring (R3). */
export interface DedupBounds {
  readonly horizonMs: number;
  readonly count: number;
}

/**
 * The ids seen lately, as 64-bit hashes in the order they came, bounded by an arrival horizon and a count.
 * Reused between items: {@link read} replaces what it holds.
 */
export class DedupRing {
  private high: Uint32Array;
  private low: Uint32Array;
  private arrivalMs: Float64Array;
  private head = 0;
  private tail = 0;
  /** Ids that the count pushed out while the horizon still held them. */
  overflow = 0;

  constructor(private readonly bounds: DedupBounds) {
    const capacity = 2 * bounds.count + 2;
    this.high = new Uint32Array(capacity);
    this.low = new Uint32Array(capacity);
    this.arrivalMs = new Float64Array(capacity);
  }

  get size(): number {
    return this.tail - this.head;
  }

  clear(): void {
    this.head = 0;
    this.tail = 0;
    this.overflow = 0;
  }

  /** Lets go of ids from the front that the horizon no longer holds at this arrival. */
  expire(arrivalMs: number): void {
    const oldestMs = arrivalMs - this.bounds.horizonMs;
    while (this.head < this.tail && this.arrivalMs[this.head]! < oldestMs) this.head++;
  }

  /** Whether the id came within the horizon before this arrival. */
  has(identityHigh: number, identityLow: number, arrivalMs: number): boolean {
    const { high, low, head, tail } = this;
    for (let i = tail - 1; i >= head; i--) {
      // Arrivals may run backwards, so an id behind a later one can be past the horizon and still stand.
      if (low[i] === identityLow && high[i] === identityHigh) {
        if (this.arrivalMs[i]! >= arrivalMs - this.bounds.horizonMs) return true;
      }
    }
    return false;
  }

  add(identityHigh: number, identityLow: number, arrivalMs: number): void {
    if (this.bounds.count === 0) return;
    if (this.size === this.bounds.count) {
      this.head++;
      this.overflow++;
    }
    if (this.tail === this.high.length) this.compact();
    this.high[this.tail] = identityHigh;
    this.low[this.tail] = identityLow;
    this.arrivalMs[this.tail] = arrivalMs;
    this.tail++;
  }

  private compact(): void {
    const { high, low, arrivalMs, head, tail } = this;
    high.copyWithin(0, head, tail);
    low.copyWithin(0, head, tail);
    arrivalMs.copyWithin(0, head, tail);
    this.tail -= head;
    this.head = 0;
  }

  /** Count, hashes, then arrivals, each less the one before it. */
  write(writer: ByteWriter): void {
    writer.varint(this.size);
    for (let i = this.head; i < this.tail; i++) {
      writer.uint32(this.high[i]!);
      writer.uint32(this.low[i]!);
    }
    let previousMs = 0;
    for (let i = this.head; i < this.tail; i++) {
      writer.signedVarint(this.arrivalMs[i]! - previousMs);
      previousMs = this.arrivalMs[i]!;
    }
  }

  read(reader: ByteReader): void {
    this.clear();
    const size = reader.varint();
    this.reserve(size);
    for (let i = 0; i < size; i++) {
      this.high[i] = reader.uint32();
      this.low[i] = reader.uint32();
    }
    let previousMs = 0;
    for (let i = 0; i < size; i++) {
      previousMs += reader.signedVarint();
      this.arrivalMs[i] = previousMs;
    }
    this.tail = size;
  }

  /** An image of a definition with a larger count may hold more than this ring's bounds. */
  private reserve(size: number): void {
    if (size + 2 <= this.high.length) return;
    this.high = new Uint32Array(2 * size + 2);
    this.low = new Uint32Array(2 * size + 2);
    this.arrivalMs = new Float64Array(2 * size + 2);
  }

  /** Skips a ring's bytes, for readers of features alone. */
  static skip(reader: ByteReader): void {
    const size = reader.varint();
    reader.skip(8 * size);
    for (let i = 0; i < size; i++) reader.varint();
  }
}
