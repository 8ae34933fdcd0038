import {
  type Arithmetic,
  addNumber,
  decodeNumber,
  encodeNumber,
  mergeNumbers,
  OBJECT,
  zeroOf,
} from "../aggregations/arithmetic.ts";
import type { ColumnInput, ColumnKind } from "../aggregations/column-kind.ts";
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";

/**
 * The decoded partials of a level's touched rows. A row has a place: the index of its first cell here, of as many as
 * the level has columns. Single numbers stand in an array of doubles, so that an event allocates nothing for them.
 */
export class RowCells {
  private readonly width: number;
  private readonly arithmetics: readonly (Arithmetic | typeof OBJECT)[];
  private readonly zeros: Float64Array;
  private numbers: Float64Array;
  private readonly objects: unknown[] = [];
  /** Places given back, the first `freed` of these. */
  private readonly free: number[] = [];
  private freed = 0;
  private end = 0;

  constructor(private readonly kinds: readonly ColumnKind[]) {
    this.width = kinds.length;
    this.arithmetics = kinds.map(({ arithmetic }) => arithmetic ?? OBJECT);
    this.zeros = Float64Array.from(kinds, ({ arithmetic }) =>
      arithmetic === undefined ? 0 : zeroOf(arithmetic),
    );
    this.numbers = new Float64Array(16 * this.width);
  }

  clear(): void {
    this.end = 0;
    this.freed = 0;
  }

  /** Gives a place back for another row. */
  release(place: number): void {
    this.free[this.freed++] = place;
  }

  private take(): number {
    if (this.freed > 0) return this.free[--this.freed]!;
    const place = this.end;
    this.end += this.width;
    if (this.end > this.numbers.length) {
      const grown = new Float64Array(2 * this.end);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    while (this.objects.length < this.end) this.objects.push(null);
    return place;
  }

  /** A place for a row of no events. */
  create(): number {
    const place = this.take();
    const { numbers, objects, zeros, arithmetics, kinds, width } = this;
    for (let slot = 0; slot < width; slot++) {
      if (arithmetics[slot] === OBJECT) objects[place + slot] = kinds[slot]!.zero();
      else numbers[place + slot] = zeros[slot]!;
    }
    return place;
  }

  decode(reader: ByteReader, tileStartMs: number): number {
    const place = this.take();
    const { numbers, objects, arithmetics, kinds, width } = this;
    for (let slot = 0; slot < width; slot++) {
      const arithmetic = arithmetics[slot]!;
      if (arithmetic === OBJECT) objects[place + slot] = kinds[slot]!.decode(reader, tileStartMs);
      else numbers[place + slot] = decodeNumber(arithmetic, reader);
    }
    return place;
  }

  encode(writer: ByteWriter, place: number, tileStartMs: number): void {
    const { numbers, objects, arithmetics, kinds, width } = this;
    for (let slot = 0; slot < width; slot++) {
      const arithmetic = arithmetics[slot]!;
      if (arithmetic === OBJECT) kinds[slot]!.encode(writer, objects[place + slot], tileStartMs);
      else encodeNumber(arithmetic, writer, numbers[place + slot]!);
    }
  }

  /** Adds an event's value to columns of single numbers; a count takes whatever it is for one. */
  addNumbers(place: number, slots: readonly number[], value: number): void {
    const { numbers, arithmetics } = this;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      const at = place + slot;
      numbers[at] = addNumber(arithmetics[slot]! as Arithmetic, numbers[at]!, value);
    }
  }

  /** Adds an event to columns of objects. */
  addObjects(place: number, slots: readonly number[], input: ColumnInput): void {
    const { objects, kinds } = this;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      const at = place + slot;
      objects[at] = kinds[slot]!.add(objects[at], input);
    }
  }

  /** A cell's partial. */
  partialAt(place: number, slot: number): unknown {
    const at = place + slot;
    return this.arithmetics[slot] === OBJECT ? this.objects[at] : this.numbers[at];
  }

  /** Merges a cell of another level's row, of the same column, into a cell of this one. */
  merge(place: number, slot: number, from: RowCells, fromPlace: number, fromSlot: number): void {
    const at = place + slot;
    const fromAt = fromPlace + fromSlot;
    const arithmetic = this.arithmetics[slot]!;
    if (arithmetic === OBJECT) {
      this.objects[at] = this.kinds[slot]!.merge(this.objects[at], from.objects[fromAt]);
    } else {
      this.numbers[at] = mergeNumbers(arithmetic, this.numbers[at]!, from.numbers[fromAt]!);
    }
  }
}
