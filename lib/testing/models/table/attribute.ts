import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { normaliseNumber, significantDigits } from "./number.ts";
import { validationError } from "./table-errors.ts";

export type Item = Readonly<Record<string, AttributeValue>>;

/** The attribute types that the model knows: those that the store writes. */
type Scalar = { S: string } | { N: string } | { B: Uint8Array } | { BOOL: boolean };

/** An attribute as the server keeps it: numbers in their one form, bytes of its own. */
export function keepAttribute(value: AttributeValue): AttributeValue {
  const scalar = scalarOf(value);
  if ("N" in scalar) return { N: normaliseNumber(scalar.N) };
  if ("B" in scalar) return { B: Uint8Array.from(scalar.B) };
  return { ...scalar } as AttributeValue;
}

export function copyItem(item: Item): Record<string, AttributeValue> {
  const copy: Record<string, AttributeValue> = {};
  for (const name of Object.keys(item)) copy[name] = keepAttribute(item[name]!);
  return copy;
}

/** Whether a condition's `=` holds: same type, same value. */
export function sameAttribute(left: AttributeValue, right: AttributeValue): boolean {
  const [a, b] = [scalarOf(left), scalarOf(right)];
  if ("S" in a) return "S" in b && a.S === b.S;
  if ("N" in a) return "N" in b && normaliseNumber(a.N) === normaliseNumber(b.N);
  if ("BOOL" in a) return "BOOL" in b && a.BOOL === b.BOOL;
  return "B" in b && Buffer.compare(a.B, b.B) === 0;
}

const sizes = new WeakMap<Item, number>();

/** The size that limits and units go by: names and values, text as UTF-8. An item that is kept is measured once. */
export function itemSizeBytes(item: Item): number {
  let bytes = sizes.get(item);
  if (bytes === undefined) {
    bytes = 0;
    for (const name of Object.keys(item)) bytes += Buffer.byteLength(name) + valueSizeBytes(item[name]!);
    sizes.set(item, bytes);
  }
  return bytes;
}

function valueSizeBytes(value: AttributeValue): number {
  const scalar = scalarOf(value);
  if ("S" in scalar) return Buffer.byteLength(scalar.S);
  if ("B" in scalar) return scalar.B.byteLength;
  if ("BOOL" in scalar) return 1;
  const { digits, exponent, negative } = significantDigits(scalar.N);
  if (digits === "0") return 1;
  // Pairs of decimal digits, aligned to the decimal point: an even exponent leaves the first digit a pair of its own.
  const pairs = exponent % 2 === 0 ? 1 + Math.ceil((digits.length - 1) / 2) : Math.ceil(digits.length / 2);
  return 1 + pairs + (negative ? 1 : 0);
}

function scalarOf(value: AttributeValue): Scalar {
  let type: string | undefined;
  for (const each in value) {
    if (value[each as keyof AttributeValue] === undefined) continue;
    if (type !== undefined) throw oneTypeExpected();
    type = each;
  }
  if (type === undefined) throw oneTypeExpected();
  if (type !== "S" && type !== "N" && type !== "B" && type !== "BOOL") {
    throw new Error(`the table model knows attributes of type S, N, B and BOOL; it was given ${type}.`);
  }
  return value as Scalar;
}

function oneTypeExpected(): Error {
  return validationError(
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
  );
}
