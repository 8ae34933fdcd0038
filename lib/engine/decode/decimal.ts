/** Texts of at most this many characters have digits of less than 2^53 and a power of ten that doubles hold. */
const SHORT = 15;

/**
 * The double that `JSON.parse` makes of a JSON number's text. `Number` takes 90 ns; for a short text without exponent,
 * whole number and power of ten are both exact, so that their quotient is the nearest double, as it has to be.
 */
export function decimalOf(text: string): number {
  const { length } = text;
  if (length > SHORT) return Number(text);
  const isNegative = text.charCodeAt(0) === 45;
  let whole = 0;
  let divisor = 1;
  let inFraction = false;
  for (let i = isNegative ? 1 : 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      whole = whole * 10 + digit;
      if (inFraction) divisor *= 10;
    } else if (digit === -2) inFraction = true;
    else return Number(text);
  }
  const value = whole / divisor;
  return isNegative ? -value : value;
}
