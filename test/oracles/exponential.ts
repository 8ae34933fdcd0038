import { quotient } from "./moments.ts";

const BITS = 220n;
const ONE = 1n << BITS;

/** The natural logarithm of 2 in units of 2^-220, by the series of 1 / (k 2^k). */
const LN2 = (() => {
  let sum = 0n;
  for (let k = 1n; k <= BITS; k++) sum += ONE / (k * (1n << k));
  return sum;
})();

/** 2 to the power of a fraction from 0 to 1, in units of 2^-220: the power series, in whole numbers. */
export function exp2Units(numerator: bigint, denominator: bigint): bigint {
  const x = (LN2 * numerator) / denominator;
  let term = ONE;
  let sum = ONE;
  for (let k = 1n; term > 0n; k++) {
    term = (term * x) / (k * ONE);
    sum += term;
  }
  return sum;
}

/** How far a double is from 2 to the power of a fraction, relative to it. */
export function relativeErrorOfExp2(actual: number, numerator: bigint, denominator: bigint): number {
  const exact = exp2Units(numerator, denominator);
  // A double from 1 to 2 is a whole number of 2^-52.
  const given = BigInt(actual * 2 ** 52) << (BITS - 52n);
  return Math.abs(quotient(given - exact, exact));
}
