/** The population moments of a list of doubles, rounded once at the end; null where they are not defined. */
export interface ExactMoments {
  readonly variance: number | null;
  readonly stddev: number | null;
  readonly skew: number | null;
  readonly kurtosis: number | null;
}

/** Computes in whole numbers of any length: nothing is rounded before the last step. */
export function exactMoments(values: readonly number[]): ExactMoments {
  if (values.length === 0) return { variance: null, stddev: null, skew: null, kurtosis: null };
  const n = BigInt(values.length);
  const parts = values.map(partsOf);
  // All of them are whole numbers of the least one's last bit.
  const unit = parts.reduce((least, { exponent }) => (exponent < least ? exponent : least), 0n);
  const units = parts.map(({ mantissa, exponent }) => mantissa << (exponent - unit));
  const total = units.reduce((sum, value) => sum + value, 0n);
  // n times each deviation from the mean.
  const deviations = units.map((value) => n * value - total);
  const powers = (power: bigint) => deviations.reduce((sum, value) => sum + value ** power, 0n);
  const m2 = powers(2n);
  const variance = quotient(m2, (n ** 3n) << (-2n * unit));
  const isSpread = m2 > 0n;
  // skew² is n m3² / m2³: taken as a square, so that only a whole-number quotient is rounded.
  const m3 = powers(3n);
  const skew = isSpread ? Math.sqrt(quotient(n * m3 * m3, m2 ** 3n)) * (m3 < 0n ? -1 : 1) : null;
  return {
    variance,
    stddev: Math.sqrt(variance),
    skew: n < 3n ? null : skew,
    kurtosis: n < 4n || !isSpread ? null : quotient(n * powers(4n) - 3n * m2 * m2, m2 * m2),
  };
}

/** A double as a whole number times a power of two, exactly. */
function partsOf(value: number): { readonly mantissa: bigint; readonly exponent: bigint } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = biased === 0n ? fraction : fraction | (1n << 52n);
  const exponent = (biased === 0n ? 1n : biased) - 1075n;
  return { mantissa: bits >> 63n === 1n ? -magnitude : magnitude, exponent };
}

/** The double next to a quotient of whole numbers, within a unit in the last place. */
export function quotient(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const negative = numerator < 0n;
  const magnitude = negative ? -numerator : numerator;
  // Enough bits that the whole quotient has 64 of them.
  const shift = BigInt(Math.max(0, 64 + denominator.toString(2).length - magnitude.toString(2).length));
  let whole = (magnitude << shift) / denominator;
  let exponent = -Number(shift);
  while (whole >= 1n << 70n) {
    whole >>= 8n;
    exponent += 8;
  }
  const value = Number(whole) * 2 ** Math.max(exponent, -1000) * 2 ** Math.min(0, exponent + 1000);
  return negative ? -value : value;
}
