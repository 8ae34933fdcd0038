import type { z } from "zod";
import type { DeliveredRecord } from "../record.ts";
import type { FieldValues } from "./field-values.ts";
import { LONGEST_SCANNED, RecordBytes } from "./record-bytes.ts";
import { RecordShape } from "./record-shape.ts";
import { type ScalarField, scalarFields } from "./scalar-field.ts";

/** How many shapes of record are kept: producers of one stream seldom differ more. */
const MAX_SHAPES = 4;

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
  private readonly bytes = new RecordBytes();

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
    if (!bytes.load(record)) return false;
    for (let i = 0; i < shapes.length; i++) {
      if (!shapes[i]!.read(bytes, into)) continue;
      if (i > 0) shapes.unshift(...shapes.splice(i, 1));
      return true;
    }
    return false;
  }

  /** Takes the shape of a record that {@link read} could not read and the schema took; puts nothing of use. */
  learn(record: DeliveredRecord, text: string): void {
    if (this.fields === null || text.length > LONGEST_SCANNED) return;
    this.missed++;
    if (this.missed > MAX_SHAPES && this.missed % RELEARN_EVERY !== 0) return;
    const shape = RecordShape.learn(text, this.fields);
    if (shape === null || !this.bytes.load(record) || !shape.read(this.bytes, this.into)) return;
    if (this.shapes.length === MAX_SHAPES) this.shapes.pop();
    this.shapes.unshift(shape);
  }
}
