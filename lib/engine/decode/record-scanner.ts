import type { z } from "zod";
import type { DeliveredRecord } from "../record.ts";
import type { FieldValues } from "./field-values.ts";
import { RecordShape } from "./record-shape.ts";
import { type ScalarField, scalarFields } from "./scalar-field.ts";

/** How many shapes of record are kept: producers of one stream seldom differ more. */
const MAX_SHAPES = 4;

/** Longer records are left to `JSON.parse`. */
const LONGEST_SCANNED = 65_536;

/** Once the shapes are full, one record in so many that none of them matches takes the place of the last. */
const RELEARN_EVERY = 64;

/**
 * Reads records of the shapes met so far, and gives exactly what `JSON.parse` and the source's schema would, or nothing:
 * then they have to decide, and {@link learn} is told what they took.
 */
export class RecordScanner {
  private readonly fields: readonly ScalarField[] | null;
  /** The one that matched last stands first. */
  private readonly shapes: RecordShape[] = [];
  private missed = 0;
  /** The record being read, and a byte of 0 after it, at which every part of a record ends. */
  private readonly bytes = Buffer.alloc(LONGEST_SCANNED + 1);

  constructor(
    schema: z.ZodObject,
    private readonly into: FieldValues,
  ) {
    this.fields = scalarFields(schema);
  }

  /** Whether it could read the record: its values are then put, and good until the next record. */
  read(record: DeliveredRecord): boolean {
    const { shapes, bytes, into } = this;
    if (shapes.length === 0) return false;
    const end = this.load(record);
    if (end < 0) return false;
    for (let i = 0; i < shapes.length; i++) {
      if (!shapes[i]!.read(bytes, end, into)) continue;
      if (i > 0) shapes.unshift(...shapes.splice(i, 1));
      return true;
    }
    return false;
  }

  /** Takes a record's bytes and answers how many they are; -1 for a record that is not to be scanned. */
  private load(record: DeliveredRecord): number {
    const { bytes } = this;
    const { base64 } = record;
    let length: number;
    if (base64 === undefined) {
      const { data } = record;
      length = data.length;
      if (length > LONGEST_SCANNED) return -1;
      bytes.set(data);
    } else {
      // Four characters for three bytes.
      if (base64.length > (LONGEST_SCANNED / 3) * 4) return -1;
      length = bytes.write(base64, "base64");
    }
    bytes[length] = 0;
    return length;
  }

  /** Takes the shape of a record that {@link read} could not read and the schema took; puts nothing of use. */
  learn(record: DeliveredRecord, text: string): void {
    if (this.fields === null || text.length > LONGEST_SCANNED) return;
    this.missed++;
    if (this.missed > MAX_SHAPES && this.missed % RELEARN_EVERY !== 0) return;
    const shape = RecordShape.learn(text, this.fields);
    if (shape === null || !shape.read(this.bytes, this.load(record), this.into)) return;
    if (this.shapes.length === MAX_SHAPES) this.shapes.pop();
    this.shapes.unshift(shape);
  }
}
