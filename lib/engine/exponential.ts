// ln(2)^n / n!, from n = 13 down to 1. A constant is the same double everywhere, which a function's result is not.
const TERMS = [
  1.3691488853904128e-12,
  2.5678435993488206e-11,
  4.4455382718708116e-10,
  7.054911620801123e-9,
  1.01780860092397e-7,
  0.000001321548679014431,
  0.000015252733804059841,
  0.0001540353039338161,
  0.0013333558146428443,
  0.009618129107628477,
  0.05550410866482158,
  0.24022650695910072,
  Math.LN2,
] as const;

const view = new DataView(new ArrayBuffer(8));

/**
 * 2 to the power of a fraction from 0 to 1, within 2^-52 relative: the power series on
 * -1/2 to 1/2, by operations that every runtime rounds alike (R8), which `Math.exp` and `Math.pow` are not.
 */
export function exp2Fraction(fraction: number): number {
  const isUpper = fraction > 0.5;
  // Exact: the fraction lies between half of 1 and its double.
  const x = isUpper ? fraction - 1 : fraction;
  let sum = 0;
  for (let i = 0; i < TERMS.length; i++) sum = sum * x + TERMS[i]!;
  const power = 1 + sum * x;
  return isUpper ? 2 * power : power;
}

/** A value over 2 to a whole power of 0 or more: exact, but for what falls below the smallest normal double. */
export function halved(value: number, times: number): number {
  if (times === 0) return value;
  let scaled = value;
  let rest = times;
  // From the largest double to below the least takes 2,098 halvings.
  for (; rest > 1022 && rest < 2200; rest -= 1022) scaled *= powerOfHalf(1022);
  return rest < 2200 ? scaled * powerOfHalf(rest) : scaled * 0;
}

/** 2 to the power of minus a whole number from 0 to 1022. */
function powerOfHalf(exponent: number): number {
  view.setUint32(0, (1023 - exponent) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}
