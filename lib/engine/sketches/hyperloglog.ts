import { FreshetError } from "../../define/error.ts";
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import * as registers from "./hyperloglog-registers.ts";

const { REGISTERS, MAX_RANK } = registers;

/** A sketch holds its non-zero registers one by one up to this many; from there on all registers, packed. */
export const MAX_SPARSE_ENTRIES = 1024;

/** The most bytes that {@link encodeHyperLogLog} writes: the dense form, after its mark. */
export const MAX_HYPERLOGLOG_BYTES = 2 + registers.PACKED_BYTES;

/** The most that one hash lengthens a sketch's bytes by: when the shortest of full sparse forms becomes dense. */
export const MAX_HYPERLOGLOG_GROWTH_BYTES = MAX_HYPERLOGLOG_BYTES - (2 + MAX_SPARSE_ENTRIES);

const RANK_BITS = 5;
const RANK_MASK = (1 << RANK_BITS) - 1;
/** Where an entry count would stand: one more than a sparse sketch can have. */
const DENSE_MARK = MAX_SPARSE_ENTRIES + 1;

/**
 * A HyperLogLog of 4,096 registers (standard error 1.04 / sqrt(4096) = 1.6 %), over 64-bit hashes.
 * Its contents are a pure function of the set of hashes, in whatever order and parts they came; so are its bytes.
 */
export interface HyperLogLog {
  /** Non-zero registers in order, each `index * 32 + rank`; empty once dense. */
  entries: number[];
  /** All registers, packed, once there are more than {@link MAX_SPARSE_ENTRIES} that are not zero. */
  dense: Uint8Array | null;
}

export const createHyperLogLog = (): HyperLogLog => ({ entries: [], dense: null });

/** A hash's entry: its first 12 bits choose the register, the leading zeros of the next 30 are its rank less one. */
export function entryOf(high: number, low: number): number {
  const rank = Math.min(Math.clz32((high << 12) | (low >>> 20)) + 1, MAX_RANK);
  return ((high >>> 20) << RANK_BITS) | rank;
}

export function addHash(sketch: HyperLogLog, high: number, low: number): void {
  addEntry(sketch, entryOf(high, low));
}

export function addEntry(sketch: HyperLogLog, entry: number): void {
  if (sketch.dense === null) insertEntry(sketch, entry);
  else registers.raise(sketch.dense, entry >>> RANK_BITS, entry & RANK_MASK);
}

function insertEntry(sketch: HyperLogLog, entry: number): void {
  const { entries } = sketch;
  let from = 0;
  let to = entries.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (entries[middle]! >>> RANK_BITS < entry >>> RANK_BITS) from = middle + 1;
    else to = middle;
  }
  if (from < entries.length && entries[from]! >>> RANK_BITS === entry >>> RANK_BITS) {
    if (entries[from]! < entry) entries[from] = entry;
    return;
  }
  if (entries.length === 0) {
    // Most tiles hold one entry; pushed to an empty array, it would take room for seventeen.
    sketch.entries = [entry];
    return;
  }
  entries.push(entry);
  for (let i = entries.length - 1; i > from; i--) entries[i] = entries[i - 1]!;
  entries[from] = entry;
  densifyWhenFull(sketch);
}

function densifyWhenFull(sketch: HyperLogLog): void {
  if (sketch.entries.length <= MAX_SPARSE_ENTRIES) return;
  const dense = registers.create();
  raiseAll(dense, sketch.entries);
  sketch.entries = [];
  sketch.dense = dense;
}

function raiseAll(dense: Uint8Array, entries: readonly number[]): void {
  for (const entry of entries) registers.raise(dense, entry >>> RANK_BITS, entry & RANK_MASK);
}

/** Makes `left` the sketch of both sides' hashes; `right` stays as it is. */
export function mergeHyperLogLog(left: HyperLogLog, right: HyperLogLog): void {
  if (right.dense !== null) {
    if (left.dense === null) {
      const dense = right.dense.slice();
      raiseAll(dense, left.entries);
      left.entries = [];
      left.dense = dense;
    } else registers.raiseTo(left.dense, right.dense);
  } else if (left.dense !== null) {
    raiseAll(left.dense, right.entries);
  } else if (right.entries.length * 16 < left.entries.length) {
    // A few entries are sought; many are merged in one pass. An insert may make the left side dense.
    for (const entry of right.entries) addEntry(left, entry);
  } else {
    left.entries = mergeEntries(left.entries, right.entries);
    densifyWhenFull(left);
  }
}

function mergeEntries(left: readonly number[], right: readonly number[]): number[] {
  const merged = new Array<number>(left.length + right.length);
  let size = 0;
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    const a = left[l]!;
    const b = right[r]!;
    const order = (a >>> RANK_BITS) - (b >>> RANK_BITS);
    merged[size++] = order < 0 || (order === 0 && a > b) ? a : b;
    if (order <= 0) l++;
    if (order >= 0) r++;
  }
  while (l < left.length) merged[size++] = left[l++]!;
  while (r < right.length) merged[size++] = right[r++]!;
  merged.length = size;
  return merged;
}

/** The estimated number of distinct hashes added. */
export function estimateHyperLogLog(sketch: HyperLogLog): number {
  const histogram = new Array<number>(MAX_RANK + 1).fill(0);
  if (sketch.dense !== null) registers.countRanks(sketch.dense, histogram);
  else {
    histogram[0] = REGISTERS - sketch.entries.length;
    for (const entry of sketch.entries) histogram[entry & RANK_MASK]!++;
  }
  return registers.estimate(histogram);
}

/**
 * Sparse: the entry count, then for each entry one varint of how many registers it skips and its rank up to 3;
 * a rank above 3 takes one byte more. A single entry takes 2 bytes, 3 one time in eight. Dense: a mark, then the registers.
 */
export function encodeHyperLogLog(writer: ByteWriter, sketch: HyperLogLog): void {
  if (sketch.dense !== null) {
    writer.varint(DENSE_MARK);
    writer.raw(sketch.dense, 0, registers.PACKED_BYTES);
    return;
  }
  const { entries } = sketch;
  writer.varint(entries.length);
  let next = 0;
  for (let i = 0; i < entries.length; i++) next = encodeAfter(writer, next, entries[i]!);
}

/** Writes a sketch of one entry, as {@link encodeHyperLogLog} does. */
export function encodeEntry(writer: ByteWriter, entry: number): void {
  writer.varint(1);
  encodeAfter(writer, 0, entry);
}

/** Writes an entry, `next` being the first register that it may be of, and answers that of the one after it. */
function encodeAfter(writer: ByteWriter, next: number, entry: number): number {
  const index = entry >>> RANK_BITS;
  const above = (entry & RANK_MASK) - 1;
  writer.varint((index - next) * 4 + Math.min(above, 3));
  if (above >= 3) writer.byte(above - 3);
  return index + 1;
}

/** Reads a sketch of one entry; null, and nothing read, where another stands. */
export function decodeEntry(reader: ByteReader): number | null {
  if (reader.bytes[reader.offset] !== 1) return null;
  reader.skip(1);
  const code = reader.varint();
  const above = (code & 3) === 3 ? 3 + reader.byte() : code & 3;
  refuseOutOfRange(reader, code >>> 2, above + 1);
  return ((code >>> 2) << RANK_BITS) | (above + 1);
}

export function decodeHyperLogLog(reader: ByteReader): HyperLogLog {
  const count = reader.varint();
  if (count === DENSE_MARK) {
    const start = reader.offset;
    reader.skip(registers.PACKED_BYTES);
    return { entries: [], dense: registers.unpack(reader.bytes, start) };
  }
  if (count > MAX_SPARSE_ENTRIES) {
    throw new FreshetError(
      "IMAGE_CORRUPT",
      `a HyperLogLog sketch has ${count} entries; ${MAX_SPARSE_ENTRIES} is the most that one can have.`,
    );
  }
  // Codes have 14 bits at most. They are read without a check of the end each; skip checks them all.
  const { bytes } = reader;
  const entries = new Array<number>(count);
  let at = reader.offset;
  let next = 0;
  let highest = 0;
  for (let i = 0; i < count; i++) {
    let code = bytes[at++]!;
    if (code > 127) code = (code & 127) | (bytes[at++]! << 7);
    let above = code & 3;
    if (above === 3) above += bytes[at++]!;
    const index = next + (code >>> 2);
    if (above > highest) highest = above;
    entries[i] = (index << RANK_BITS) | (above + 1);
    next = index + 1;
  }
  reader.skip(at - reader.offset);
  refuseOutOfRange(reader, next - 1, highest + 1);
  return { entries, dense: null };
}

/** The estimate of a register or a rank out of range would never end. */
function refuseOutOfRange(reader: ByteReader, index: number, rank: number): void {
  if (index >= REGISTERS || rank > MAX_RANK) {
    reader.refuse(`has a sketch of register ${index} and rank ${rank}`);
  }
}
