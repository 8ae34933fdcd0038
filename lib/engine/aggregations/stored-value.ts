import { MAX_TEXT_BYTES } from "../../define/stored-text.ts";
import type { Scalar } from "../../define/where.ts";
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";

export { MAX_TEXT_BYTES };

/** The tag of no value at all. */
export const NO_VALUE = 0;
const NUMBER = 1;
const TEXT = 2;
const FALSE = 3;
const TRUE = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const utf8 = new Uint8Array(MAX_TEXT_BYTES);

/** The value as it is after a round trip through bytes, so that a fold need not know which it holds. */
export function storable(value: Scalar): Scalar {
  if (typeof value === "number") return value + 0;
  if (typeof value === "boolean") return value;
  const { read, written } = encoder.encodeInto(value, utf8);
  const isAsciiThatFits = read === value.length && written === value.length;
  return isAsciiThatFits ? value : decoder.decode(utf8.subarray(0, written));
}

/** A byte that says what {@link writeValue} writes. */
export function tagOf(value: Scalar): number {
  return typeof value === "number" ? NUMBER : typeof value === "string" ? TEXT : value ? TRUE : FALSE;
}

/** A number or text; nothing for a boolean, whose tag says all. */
export function writeValue(writer: ByteWriter, value: Scalar): void {
  if (typeof value === "number") writer.number(value);
  else if (typeof value === "string") writer.text(value);
}

export function readValue(reader: ByteReader, tag: number): Scalar {
  return tag === NUMBER ? reader.number() : tag === TEXT ? reader.text() : tag === TRUE;
}
