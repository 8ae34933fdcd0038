import type { Source } from "../../define/types.ts";
import type { Scalar } from "../../define/where.ts";
import { type Hash64, hashAscii, hashScalar } from "../hash.ts";
import type { RecordBytes } from "./record-bytes.ts";
import { NOT_KEPT, TextTable } from "./text-table.ts";

/** The record has no such field. */
const MISSING = 0;
/** It has, of no value: what a schema may make of one. */
const UNDEFINED = 1;
const NULL = 2;
const NUMBER = 3;
const BOOLEAN = 4;
const TEXT = 5;
/** Text that still is bytes of the record. */
const TEXT_BYTES = 6;
/** The number of a text that has not been looked up. */
const NOT_SOUGHT = -2;
/** What no filter and no aggregation reads: a list, an object, what a schema made of a value. */
const OTHER = 7;

/** The fields of a source's records, in the order that gives them their numbers. */
export function fieldNames({ schema }: Source): readonly string[] {
  return Object.keys(schema.shape);
}

/** A record as its schema parsed it. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * The values of one record's fields, by their place in the source's schema. One object serves all records in turn: a
 * scanner puts in what it reads of a record's bytes, and strings and a row are made of that only when asked for.
 */
export class FieldValues {
  private readonly types: Uint8Array;
  private readonly numbers: Float64Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private readonly textNumbers: Int32Array;
  private generation = 0;
  private readonly values: unknown[];
  private record: RecordBytes | null = null;
  /** The texts of records met lately. */
  readonly table = new TextTable();
  private wholeRow: Row | null = null;

  /** @param names the schema's fields */
  constructor(readonly names: readonly string[]) {
    this.types = new Uint8Array(names.length);
    this.numbers = new Float64Array(names.length);
    this.starts = new Int32Array(names.length);
    this.ends = new Int32Array(names.length);
    this.textNumbers = new Int32Array(names.length);
    this.values = names.map(() => undefined);
  }

  /** Takes another record, whose bytes stay as they are until the next; every field is to be put. */
  startScan(record: RecordBytes): void {
    this.record = record;
    this.wholeRow = null;
  }

  putMissing(field: number): void {
    this.types[field] = MISSING;
  }

  putNull(field: number): void {
    this.types[field] = NULL;
  }

  putNumber(field: number, value: number): void {
    this.types[field] = NUMBER;
    this.numbers[field] = value;
  }

  /** Puts text of ASCII without escapes, from `start` to `end` of the record's bytes. */
  putText(field: number, start: number, end: number): void {
    this.types[field] = TEXT_BYTES;
    this.starts[field] = start;
    this.ends[field] = end;
    this.textNumbers[field] = NOT_SOUGHT;
    this.numbers[field] = Number.NaN;
  }

  /** Puts text that is a date and time. */
  putTimestamp(field: number, start: number, end: number, timeMs: number): void {
    this.putText(field, start, end);
    this.numbers[field] = timeMs;
  }

  putValue(field: number, value: unknown): void {
    this.values[field] = value;
    switch (typeof value) {
      case "number":
        this.putNumber(field, value);
        break;
      case "string":
        this.types[field] = TEXT;
        break;
      case "boolean":
        this.types[field] = BOOLEAN;
        break;
      case "undefined":
        this.types[field] = UNDEFINED;
        break;
      default:
        this.types[field] = value === null ? NULL : OTHER;
    }
  }

  /** Takes a record whose row is known. */
  take(row: Row): void {
    const { names } = this;
    for (let field = 0; field < names.length; field++) this.putValue(field, row[names[field]!]);
    this.wholeRow = row;
  }

  /** The record as the schema parsed it. */
  get row(): Row {
    this.wholeRow ??= this.makeRow();
    return this.wholeRow;
  }

  private makeRow(): Row {
    const row: Record<string, unknown> = {};
    this.names.forEach((name, field) => {
      if (this.types[field] !== MISSING) row[name] = this.value(field);
    });
    return row;
  }

  /** A field's value, whatever it is. */
  value(field: number): unknown {
    switch (this.types[field]) {
      case MISSING:
      case UNDEFINED:
        return undefined;
      case NULL:
        return null;
      case NUMBER:
        return this.numbers[field]!;
      case TEXT_BYTES:
        return this.keptText(field);
      default:
        return this.values[field];
    }
  }

  private keptText(field: number): string {
    const number = this.textNumber(field);
    return number === NOT_KEPT ? this.passingText(field)! : this.table.text(number);
  }

  /** The number of a field's text in {@link table}; `NOT_KEPT` where it is no text that has one. */
  textNumber(field: number): number {
    if (this.types[field] !== TEXT_BYTES) return NOT_KEPT;
    const known = this.textNumbers[field]!;
    if (known !== NOT_SOUGHT) return known;
    const { table } = this;
    const number = table.numberOf(this.record!, this.starts[field]!, this.ends[field]!);
    if (this.generation !== table.generation) {
      this.generation = table.generation;
      this.textNumbers.fill(NOT_SOUGHT);
    }
    this.textNumbers[field] = number;
    return number;
  }

  /** A field's value where it is text, a number or a boolean; else null. */
  scalar(field: number): Scalar | null {
    const type = this.types[field]!;
    if (type === NUMBER) return this.numbers[field]!;
    if (type === TEXT_BYTES) return this.keptText(field);
    return type === TEXT || type === BOOLEAN ? (this.values[field] as Scalar) : null;
  }

  /** A field's number; NaN where it is none. */
  number(field: number): number {
    return this.types[field] === NUMBER ? this.numbers[field]! : Number.NaN;
  }

  /** The epoch milliseconds of a text that was read as a date and time; NaN for any other value. */
  timestamp(field: number): number {
    return this.types[field] === TEXT_BYTES ? this.numbers[field]! : Number.NaN;
  }

  isNumber(field: number): boolean {
    return this.types[field] === NUMBER;
  }

  /** Whether there is a value, and one that is not null. */
  isPresent(field: number): boolean {
    return this.types[field]! > NULL;
  }

  equals(field: number, value: Scalar): boolean {
    const type = this.types[field]!;
    if (type === TEXT_BYTES) {
      const start = this.starts[field]!;
      return (
        typeof value === "string" &&
        value.length === this.ends[field]! - start &&
        isText(value, this.record!.bytes, start)
      );
    }
    return type === NUMBER ? this.numbers[field] === value : type > NULL && this.values[field] === value;
  }

  /** A text of many, which is not worth keeping: a time. Undefined where the field is no text. */
  passingText(field: number): string | undefined {
    const type = this.types[field]!;
    if (type === TEXT_BYTES) return this.record!.text(this.starts[field]!, this.ends[field]!);
    return type === TEXT ? (this.values[field] as string) : undefined;
  }

  isWellFormed(field: number): boolean {
    return this.types[field] !== TEXT || (this.values[field] as string).isWellFormed();
  }

  /** Hashes a scalar as `hashScalar` does; false where the field holds none. */
  hash(field: number, into: Hash64): boolean {
    if (this.types[field] === TEXT_BYTES) {
      hashAscii(this.record!.words, this.starts[field]!, this.ends[field]!, into);
      return true;
    }
    const value = this.scalar(field);
    if (value === null) return false;
    hashScalar(value, into);
    return true;
  }
}

/** Whether bytes from `start` on, as many as the text has characters, are the text. */
function isText(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
