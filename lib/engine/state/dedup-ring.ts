import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";

/** Bounds of a ring (R3). */
export interface DedupBounds {
  readonly horizonMs: number;
  readonly count: number;
}

const ID_BYTES = 8;
const NO_BYTES = new Uint8Array(0);

/**
 * The ids seen lately, as 64-bit hashes in the order they came, bounded by an arrival horizon and a count.
 * Ids that were read stay where they stand in the image, and are copied once, when it is written; ids that came since
 * stand behind them. Reused between items: {@link read} replaces what it holds.
 */
export class DedupRing {
  /** The image that was read, and what it still holds of hashes and of gaps between arrivals. */
  private bytes: Uint8Array = NO_BYTES;
  private idsFrom = 0;
  private idsTo = 0;
  private gapsFrom = 0;
  private gapsTo = 0;
  /** Ids added since, and arrivals less those before them, as signed varints. */
  private readonly added = new ByteWriter(1024);
  private addedFrom = 0;
  private readonly addedGaps = new ByteWriter(256);
  private addedGapsFrom = 0;
  private readonly reader = new ByteReader(NO_BYTES);
  private oldestMs = 0;
  private newestMs = 0;
  /** How many ids it holds. */
  size = 0;
  /** Ids that the count pushed out while the horizon still held them. */
  overflow = 0;

  constructor(private readonly bounds: DedupBounds) {}

  clear(): void {
    this.idsFrom = this.idsTo;
    this.gapsFrom = this.gapsTo;
    this.empty();
    this.overflow = 0;
  }

  private empty(): void {
    this.size = 0;
    this.added.reset();
    this.addedFrom = 0;
    this.addedGaps.reset();
    this.addedGapsFrom = 0;
  }

  /** Lets go of ids from the front that the horizon no longer holds at this arrival. */
  expire(arrivalMs: number): void {
    const keptFromMs = arrivalMs - this.bounds.horizonMs;
    while (this.size > 0 && this.oldestMs < keptFromMs) this.dropOldest();
  }

  private dropOldest(): void {
    if (this.idsFrom < this.idsTo) this.idsFrom += ID_BYTES;
    else this.addedFrom += ID_BYTES;
    if (--this.size === 0) {
      this.empty();
      return;
    }
    const { reader } = this;
    if (this.gapsFrom < this.gapsTo) {
      this.oldestMs += reader.seek(this.bytes, this.gapsFrom, this.gapsTo).signedVarint();
      this.gapsFrom = reader.offset;
    } else {
      const gaps = this.addedGaps.readerAt(this.addedGapsFrom);
      this.oldestMs += gaps.signedVarint();
      this.addedGapsFrom = gaps.offset;
    }
  }

  /** Whether the id came within the horizon before this arrival. */
  has(identityHigh: number, identityLow: number, arrivalMs: number): boolean {
    if (this.size === 0) return false;
    const { bytes, idsFrom, idsTo } = this;
    const stored = (idsTo - idsFrom) / ID_BYTES;
    let at = indexOfId(bytes, idsFrom, idsTo, identityHigh, identityLow);
    for (; at >= 0; at = indexOfId(bytes, at + ID_BYTES, idsTo, identityHigh, identityLow)) {
      // Arrivals may run backwards, so an id behind a later one can be past the horizon and still stand.
      if (this.isWithin((at - idsFrom) / ID_BYTES, arrivalMs)) return true;
    }
    if (stored === this.size) return false;
    const added = this.added.readerAt(this.addedFrom);
    at = indexOfId(added.bytes, added.offset, added.end, identityHigh, identityLow);
    for (; at >= 0; at = indexOfId(added.bytes, at + ID_BYTES, added.end, identityHigh, identityLow)) {
      if (this.isWithin(stored + (at - this.addedFrom) / ID_BYTES, arrivalMs)) return true;
    }
    return false;
  }

  /** Whether the horizon before an arrival holds the id at `index`, counted from the oldest. */
  private isWithin(index: number, arrivalMs: number): boolean {
    let idArrivalMs = this.oldestMs;
    let left = index;
    const stored = this.reader.seek(this.bytes, this.gapsFrom, this.gapsTo);
    for (; left > 0 && stored.offset < stored.end; left--) idArrivalMs += stored.signedVarint();
    const added = this.addedGaps.readerAt(this.addedGapsFrom);
    for (; left > 0; left--) idArrivalMs += added.signedVarint();
    return idArrivalMs >= arrivalMs - this.bounds.horizonMs;
  }

  add(identityHigh: number, identityLow: number, arrivalMs: number): void {
    if (this.bounds.count === 0) return;
    if (this.size === this.bounds.count) {
      this.dropOldest();
      this.overflow++;
    }
    if (this.size === 0) this.oldestMs = arrivalMs;
    else this.addedGaps.signedVarint(arrivalMs - this.newestMs);
    this.newestMs = arrivalMs;
    this.added.uint32(identityHigh);
    this.added.uint32(identityLow);
    this.size++;
  }

  /** Count; then, unless it is 0, the newest arrival, the oldest before it, the hashes, and the gaps after their length. */
  write(writer: ByteWriter): void {
    writer.varint(this.size);
    if (this.size === 0) return;
    writer.signedVarint(this.newestMs);
    writer.signedVarint(this.newestMs - this.oldestMs);
    writer.raw(this.bytes, this.idsFrom, this.idsTo);
    writer.copy(this.added, this.addedFrom, this.added.length);
    const { gapsFrom, gapsTo, addedGaps, addedGapsFrom } = this;
    writer.varint(gapsTo - gapsFrom + addedGaps.length - addedGapsFrom);
    writer.raw(this.bytes, gapsFrom, gapsTo);
    writer.copy(addedGaps, addedGapsFrom, addedGaps.length);
  }

  /** Takes the reader past a ring; its ids stay in the reader's bytes. */
  read(reader: ByteReader): void {
    this.clear();
    const size = reader.varint();
    if (size === 0) return;
    this.newestMs = reader.signedVarint();
    this.oldestMs = this.newestMs - reader.signedVarint();
    this.size = size;
    this.bytes = reader.bytes;
    this.idsFrom = reader.offset;
    reader.skip(ID_BYTES * size);
    this.idsTo = reader.offset;
    const length = reader.varint();
    this.gapsFrom = reader.offset;
    reader.skip(length);
    this.gapsTo = reader.offset;
  }

  /** Skips a ring's bytes, for readers of features alone. */
  static skip(reader: ByteReader): void {
    const size = reader.varint();
    if (size === 0) return;
    reader.varint();
    reader.varint();
    reader.skip(ID_BYTES * size);
    reader.skip(reader.varint());
  }
}

/** Where an id's hash stands among hashes of eight bytes, high half first; -1 where it does not. */
function indexOfId(bytes: Uint8Array, from: number, to: number, high: number, low: number): number {
  const last = low & 255;
  for (let at = from; at < to; at += ID_BYTES) {
    // Nearly all ids differ in any one byte.
    if (bytes[at + 7] !== last) continue;
    if (uint32At(bytes, at) === high >>> 0 && uint32At(bytes, at + 4) === low >>> 0) return at;
  }
  return -1;
}

function uint32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
