import { validationError } from "./table-errors.ts";

interface Decimal {
  /** Without leading and trailing zeros; `0` alone for zero. */
  readonly digits: string;
  /** The power of ten of the first digit. */
  readonly exponent: number;
  readonly negative: boolean;
}

const MAX_DIGITS = 38;
const MAX_EXPONENT = 125;
const MIN_EXPONENT = -130;

/**
 * A number as DynamoDB takes it apart.
 *
 * @throws the server's ValidationException for what is no number, or one that it cannot hold.
 */
export function significantDigits(text: string): Decimal {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const whole = parts?.[2] ?? "";
  const fraction = parts?.[3] ?? "";
  if (parts === null || whole.length + fraction.length === 0) {
    throw validationError(
      `The parameter cannot be converted to a numeric value: ${text === "" ? "" : text}`.trim(),
    );
  }
  const all = whole + fraction;
  const leading = /^0*/.exec(all)![0].length;
  const digits = all.slice(leading).replace(/0+$/, "");
  if (digits === "") return { digits: "0", exponent: 0, negative: false };
  const exponent = whole.length - 1 - leading + Number(parts[4] ?? 0);
  if (digits.length > MAX_DIGITS) {
    throw validationError("Attempting to store more than 38 significant digits in a Number");
  }
  if (exponent > MAX_EXPONENT) {
    throw validationError(
      "Number overflow. Attempting to store a number with magnitude larger than supported range",
    );
  }
  if (exponent < MIN_EXPONENT) {
    throw validationError(
      "Number underflow. Attempting to store a number with magnitude smaller than supported range",
    );
  }
  return { digits, exponent, negative: parts[1] === "-" };
}

/** The one form in which a number comes back: plain decimal, no needless zeros. */
export function normaliseNumber(text: string): string {
  const { digits, exponent, negative } = significantDigits(text);
  const sign = negative ? "-" : "";
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
