/** Numbers of at most this many characters have digits of less than 2^53 and a power of ten that doubles hold. */
const SHORT = 15;

const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/**
 * The double that `JSON.parse` makes of the JSON number in ASCII bytes `start` to `end`. `Number` takes 90 ns; for a
 * short one without exponent, whole number and power of ten are both exact, so that their quotient is the nearest
 * double, as it has to be.
 */
export function decimalAt(bytes: Buffer, start: number, end: number): number {
  if (end - start > SHORT) return Number(bytes.toString("latin1", start, end));
  const isNegative = bytes[start] === MINUS;
  let whole = 0;
  let divisor = 1;
  let inFraction = false;
  for (let at = isNegative ? start + 1 : start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      whole = whole * 10 + digit;
      if (inFraction) divisor *= 10;
    } else if (bytes[at] === POINT) inFraction = true;
    else return Number(bytes.toString("latin1", start, end));
  }
  const value = whole / divisor;
  return isNegative ? -value : value;
}
