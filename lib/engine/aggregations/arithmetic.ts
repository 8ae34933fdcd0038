import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import type { ColumnKind } from "./column-kind.ts";

/** What stands where a column's partials are objects that its kind alone knows. */
export const OBJECT = 0;
export const COUNT = 1;
export const SUM = 2;
export const LEAST = 3;
export const GREATEST = 4;
/** One value by its place among all: the first or the last in the order of R6. */
export const FIRST = 5;
export const LAST = 6;

/**
 * What a column of single numbers does with them. Its partials need no objects: the rows of a level hold them side by
 * side as doubles, and call what stands here in loops of their own.
 */
export type Arithmetic = typeof COUNT | typeof SUM | typeof LEAST | typeof GREATEST;

/** Of one value and its place, which rows hold as three doubles and a value. */
export type TimedForm = typeof FIRST | typeof LAST;

/** How rows hold the partials of a column. */
export type CellForm = typeof OBJECT | Arithmetic | TimedForm;

/**
 * The partial of no values, which leaves every other as it is. No value is infinite; and none is minus zero (R8), which
 * added to any double gives that double, bit for bit.
 */
export function zeroOf(arithmetic: Arithmetic): number {
  switch (arithmetic) {
    case COUNT:
      return 0;
    case SUM:
      return -0;
    case LEAST:
      return Number.POSITIVE_INFINITY;
    case GREATEST:
      return Number.NEGATIVE_INFINITY;
  }
}

/** Takes one value more; a count takes whatever it is for one. */
export function addNumber(arithmetic: Arithmetic, partial: number, value: number): number {
  return arithmetic === COUNT ? partial + 1 : mergeNumbers(arithmetic, partial, value);
}

export function mergeNumbers(arithmetic: Arithmetic, left: number, right: number): number {
  switch (arithmetic) {
    case COUNT:
    case SUM:
      return left + right;
    case LEAST:
      return right < left ? right : left;
    case GREATEST:
      return right > left ? right : left;
  }
}

/** A count is a varint; the others are numbers, or null where there is no value. */
export function encodeNumber(arithmetic: Arithmetic, writer: ByteWriter, partial: number): void {
  if (arithmetic === COUNT) writer.varint(partial);
  else if (Object.is(partial, zeroOf(arithmetic))) writer.optionalNumber(null);
  else writer.number(partial);
}

export function decodeNumber(arithmetic: Arithmetic, reader: ByteReader): number {
  return arithmetic === COUNT ? reader.varint() : reader.numberOr(zeroOf(arithmetic));
}

/** The kind of a column that does this arithmetic. */
export function numberKind(
  arithmetic: Arithmetic,
  about: Pick<ColumnKind<number>, "id" | "accepts" | "maxBytes" | "maxGrowthBytes" | "whenNeverNull">,
): ColumnKind<number> {
  const zero = zeroOf(arithmetic);
  return {
    ...about,
    arithmetic,
    zero: () => zero,
    // Adding 0 makes -0 the 0 that it is decoded as (R8).
    add: (partial, { value }) => addNumber(arithmetic, partial, (value as number) + 0),
    merge: (left, right) => mergeNumbers(arithmetic, left, right),
    encode: (writer, partial) => encodeNumber(arithmetic, writer, partial),
    decode: (reader) => decodeNumber(arithmetic, reader),
  };
}
