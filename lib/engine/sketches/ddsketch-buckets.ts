/**
 * How far an answer may be from the value it stands for, relative to it. Part of the state format: buckets of another
 * accuracy are another kind of column.
 */
export const RELATIVE_ACCURACY = 0.01;

/** The smallest normal double, 2^-1022; magnitudes below it count as zero. */
export const MIN_MAGNITUDE = 2.2250738585072014e-308;

/**
 * Buckets an octave. With log2 interpolated by the quadratic s(4 - s)/3 over each octave, buckets no wider than
 * gamma = 1.01 / 0.99 need at least 3 / (4 ln gamma) = 37.4987; 37.5 leaves 3e-5 of a bucket for rounding.
 */
const BUCKETS_PER_OCTAVE = 37.5;

/** Makes the bucket of {@link MIN_MAGNITUDE} key 1: floor(-1022 * 37.5) is -38325. */
const KEY_OFFSET = 38_326;

/** The key of the bucket that starts at 1. */
export const KEY_OF_ONE = KEY_OFFSET;

/** The index of the bucket that ends at 2^1024, the end of the doubles. */
const MAX_INDEX = 1024 * BUCKETS_PER_OCTAVE - 1;

const view = new DataView(new ArrayBuffer(8));

/**
 * The bucket of a finite value, as a key that orders as the values do: positive for positive values, negative for
 * negative ones, 0 for zero and what counts as zero.
 */
export function bucketKey(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude < MIN_MAGNITUDE) return 0;
  view.setFloat64(0, magnitude);
  const bits = view.getUint32(0);
  const exponent = (bits >>> 20) - 1023;
  // The same mantissa with exponent 0: 1 to 2, exactly.
  view.setUint32(0, (bits & 0xfffff) | 0x3ff00000);
  const s = view.getFloat64(0) - 1;
  const index = Math.floor(exponent * BUCKETS_PER_OCTAVE + (BUCKETS_PER_OCTAVE / 3) * s * (4 - s));
  // The largest doubles round up to the end of their bucket.
  const key = Math.min(index, MAX_INDEX) + KEY_OFFSET;
  return value < 0 ? -key : key;
}

/** The answer for a bucket: within {@link RELATIVE_ACCURACY} of every value in it. */
export function bucketValue(key: number): number {
  if (key === 0) return 0;
  const index = Math.abs(key) - KEY_OFFSET;
  const exponent = Math.floor(index / BUCKETS_PER_OCTAVE);
  const nextExponent = Math.floor((index + 1) / BUCKETS_PER_OCTAVE);
  const low = mantissaAt(index / BUCKETS_PER_OCTAVE - exponent);
  const high =
    mantissaAt((index + 1) / BUCKETS_PER_OCTAVE - nextExponent) * (nextExponent === exponent ? 1 : 2);
  // 2 * low * high / (low + high) errs equally, relative to them, from both ends.
  const magnitude = ((2 * low * high) / (low + high)) * powerOfTwo(exponent);
  return key < 0 ? -magnitude : magnitude;
}

/** Inverts s(4 - s)/3, and answers 1 + s. */
function mantissaAt(fraction: number): number {
  return 3 - Math.sqrt(4 - 3 * fraction);
}

/** For exponents of normal doubles. */
function powerOfTwo(exponent: number): number {
  view.setUint32(0, (exponent + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}
