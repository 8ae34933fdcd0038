/** How many registers a sketch has; the first 12 bits of a hash choose one. */
export const REGISTERS = 4096;
/** The greatest rank a register holds: 31 bits of a hash after the first 12, enough for 2^40 distinct values. */
export const MAX_RANK = 31;
/** Five bits a register, low bits first. */
export const PACKED_BYTES = (REGISTERS * 5) / 8;

/** One byte of zero follows the registers, so that the two bytes around the last one can be read. */
const ALLOCATED_BYTES = PACKED_BYTES + 1;

/** 1 / (2 ln 2) */
const ALPHA_INFINITY = 0.7213475204444817;

/** Registers of zero. */
export function create(): Uint8Array {
  return new Uint8Array(ALLOCATED_BYTES);
}

/** A copy of packed registers that start at an offset. */
export function unpack(bytes: Uint8Array, start: number): Uint8Array {
  const packed = create();
  packed.set(bytes.subarray(start, start + PACKED_BYTES));
  return packed;
}

/** Sets a register to a rank where it is lower. */
export function raise(packed: Uint8Array, index: number, rank: number): void {
  const bit = index * 5;
  const at = bit >>> 3;
  const shift = bit & 7;
  const pair = packed[at]! | (packed[at + 1]! << 8);
  if (((pair >>> shift) & 31) >= rank) return;
  const changed = (pair & ~(31 << shift)) | (rank << shift);
  packed[at] = changed;
  packed[at + 1] = changed >>> 8;
}

/** Raises each register of `left` to that of `right`. */
export function raiseTo(left: Uint8Array, right: Uint8Array): void {
  // Eight registers in five bytes, as two groups of four in 20 bits.
  for (let at = 0; at < PACKED_BYTES; at += 5) {
    const low = greaterOfFour(lowGroup(left, at), lowGroup(right, at));
    const high = greaterOfFour(highGroup(left, at), highGroup(right, at));
    left[at] = low;
    left[at + 1] = low >>> 8;
    left[at + 2] = (low >>> 16) | (high << 4);
    left[at + 3] = high >>> 4;
    left[at + 4] = high >>> 12;
  }
}

/** Adds to `histogram[rank]` the number of registers of that rank. */
export function countRanks(packed: Uint8Array, histogram: number[]): void {
  for (let at = 0; at < PACKED_BYTES; at += 5) {
    let low = lowGroup(packed, at);
    let high = highGroup(packed, at);
    for (let i = 0; i < 4; i++) {
      histogram[low & 31]!++;
      histogram[high & 31]!++;
      low >>>= 5;
      high >>>= 5;
    }
  }
}

function lowGroup(packed: Uint8Array, at: number): number {
  return packed[at]! | (packed[at + 1]! << 8) | ((packed[at + 2]! & 15) << 16);
}

function highGroup(packed: Uint8Array, at: number): number {
  return (packed[at + 2]! >>> 4) | (packed[at + 3]! << 4) | (packed[at + 4]! << 12);
}

function greaterOfFour(left: number, right: number): number {
  if (left === right) return left;
  let greater = 0;
  for (let shift = 0; shift < 20; shift += 5) {
    const mask = 31 << shift;
    greater |= Math.max(left & mask, right & mask);
  }
  return greater;
}

/**
 * Ertl's improved estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6):
 * no bias correction tables, no switch between ranges, and no logarithm.
 *
 * @param histogram how many registers hold each rank, 0 to {@link MAX_RANK}
 */
export function estimate(histogram: readonly number[]): number {
  let z = REGISTERS * tau(1 - histogram[MAX_RANK]! / REGISTERS);
  for (let rank = MAX_RANK - 1; rank >= 1; rank--) z = 0.5 * (z + histogram[rank]!);
  z += REGISTERS * sigma(histogram[0]! / REGISTERS);
  return (ALPHA_INFINITY * REGISTERS * REGISTERS) / z;
}

/** x + sum over k >= 1 of x^(2^k) * 2^(k-1) */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY;
  let power = x;
  let weight = 1;
  let total = x;
  for (;;) {
    power *= power;
    const before = total;
    total += power * weight;
    weight += weight;
    if (total === before) return total;
  }
}

/** (1 - x - sum over k >= 1 of (1 - x^(2^-k))^2 * 2^-k) / 3 */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let root = x;
  let weight = 1;
  let total = 1 - x;
  for (;;) {
    root = Math.sqrt(root);
    const before = total;
    weight *= 0.5;
    total -= (1 - root) * (1 - root) * weight;
    if (total === before) return total / 3;
  }
}
