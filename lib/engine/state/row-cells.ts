import type { Scalar } from "../../define/where.ts";
import {
  type Arithmetic,
  addNumber,
  type CellForm,
  decodeNumber,
  encodeNumber,
  FIRST,
  LAST,
  mergeNumbers,
  OBJECT,
  type TimedForm,
  zeroOf,
} from "../aggregations/arithmetic.ts";
import type { ColumnInput, ColumnKind } from "../aggregations/column-kind.ts";
import { NO_VALUE, readValue, storable, tagOf, writeValue } from "../aggregations/stored-value.ts";
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";

/**
 * The decoded partials of a level's touched rows. A row has a place: the index of its first cell here, of as many as
 * the level's columns take. Numbers stand in an array of doubles, so that an event allocates nothing for them.
 */
export class RowCells {
  private readonly width: number;
  private readonly forms: readonly CellForm[];
  /** Where each column's cells stand in a row. */
  private readonly offsets: readonly number[];
  private readonly zeros: Float64Array;
  private numbers: Float64Array;
  /** Partials that are objects; and values whose place stands in three numbers: event time (NaN: none), identity. */
  private readonly objects: unknown[] = [];
  /** Places given back, the first `freed` of these. */
  private readonly free: number[] = [];
  private freed = 0;
  private end = 0;

  constructor(private readonly kinds: readonly ColumnKind[]) {
    this.forms = kinds.map(({ arithmetic, timed }) => arithmetic ?? timed ?? OBJECT);
    const offsets: number[] = [];
    const zeros: number[] = [];
    for (const form of this.forms) {
      offsets.push(zeros.length);
      if (isTimed(form)) zeros.push(Number.NaN, 0, 0);
      else zeros.push(form === OBJECT ? 0 : zeroOf(form));
    }
    this.offsets = offsets;
    this.zeros = Float64Array.from(zeros);
    this.width = zeros.length;
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
    const { numbers, objects, zeros, forms, kinds, offsets, width } = this;
    for (let cell = 0; cell < width; cell++) numbers[place + cell] = zeros[cell]!;
    for (let slot = 0; slot < forms.length; slot++) {
      if (forms[slot] === OBJECT) objects[place + offsets[slot]!] = kinds[slot]!.zero();
    }
    return place;
  }

  decode(reader: ByteReader, tileStartMs: number): number {
    const place = this.take();
    const { numbers, objects, forms, kinds, offsets } = this;
    for (let slot = 0; slot < forms.length; slot++) {
      const form = forms[slot]!;
      const at = place + offsets[slot]!;
      if (form === OBJECT) objects[at] = kinds[slot]!.decode(reader, tileStartMs);
      else if (isTimed(form)) this.decodeTimed(reader, at, tileStartMs);
      else numbers[at] = decodeNumber(form, reader);
    }
    return place;
  }

  private decodeTimed(reader: ByteReader, at: number, tileStartMs: number): void {
    const { numbers } = this;
    const tag = reader.byte();
    if (tag === NO_VALUE) {
      numbers[at] = Number.NaN;
      return;
    }
    numbers[at] = tileStartMs + reader.number();
    numbers[at + 1] = reader.uint32();
    numbers[at + 2] = reader.uint32();
    this.objects[at] = readValue(reader, tag);
  }

  encode(writer: ByteWriter, place: number, tileStartMs: number): void {
    const { numbers, objects, forms, kinds, offsets } = this;
    for (let slot = 0; slot < forms.length; slot++) {
      const form = forms[slot]!;
      const at = place + offsets[slot]!;
      if (form === OBJECT) kinds[slot]!.encode(writer, objects[at], tileStartMs);
      else if (isTimed(form)) this.encodeTimed(writer, at, tileStartMs);
      else encodeNumber(form, writer, numbers[at]!);
    }
  }

  private encodeTimed(writer: ByteWriter, at: number, tileStartMs: number): void {
    const { numbers } = this;
    const eventTimeMs = numbers[at]!;
    if (Number.isNaN(eventTimeMs)) {
      writer.byte(NO_VALUE);
      return;
    }
    const value = this.objects[at] as Scalar;
    writer.byte(tagOf(value));
    writer.number(eventTimeMs - tileStartMs);
    writer.uint32(numbers[at + 1]!);
    writer.uint32(numbers[at + 2]!);
    writeValue(writer, value);
  }

  /** Adds an event's value to columns of single numbers; a count takes whatever it is for one. */
  addNumbers(place: number, slots: readonly number[], value: number): void {
    const { numbers, forms, offsets } = this;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      const at = place + offsets[slot]!;
      numbers[at] = addNumber(forms[slot]! as Arithmetic, numbers[at]!, value);
    }
  }

  /** Adds an event to columns of others. */
  addObjects(place: number, slots: readonly number[], input: ColumnInput): void {
    const { objects, kinds, forms, offsets, numbers } = this;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      const form = forms[slot]!;
      const at = place + offsets[slot]!;
      if (form === OBJECT) objects[at] = kinds[slot]!.add(objects[at], input);
      else if (
        this.replaces(form as TimedForm, at, input.eventTimeMs, input.identityHigh, input.identityLow)
      ) {
        numbers[at] = input.eventTimeMs;
        numbers[at + 1] = input.identityHigh;
        numbers[at + 2] = input.identityLow;
        objects[at] = storable(input.value);
      }
    }
  }

  /** Whether a value of this place takes that of the one at `at` (R6). */
  private replaces(form: TimedForm, at: number, eventTimeMs: number, high: number, low: number): boolean {
    const { numbers } = this;
    const keptMs = numbers[at]!;
    if (Number.isNaN(keptMs)) return true;
    let comesBefore = eventTimeMs < keptMs;
    if (eventTimeMs === keptMs) {
      const keptHigh = numbers[at + 1]!;
      comesBefore = high === keptHigh ? low < numbers[at + 2]! : high < keptHigh;
    }
    return comesBefore === (form === FIRST);
  }

  /** A cell's partial. */
  partialAt(place: number, slot: number): unknown {
    const { numbers, objects } = this;
    const at = place + this.offsets[slot]!;
    const form = this.forms[slot]!;
    if (form === OBJECT) return objects[at];
    if (!isTimed(form)) return numbers[at];
    const eventTimeMs = numbers[at]!;
    if (Number.isNaN(eventTimeMs)) return null;
    const identityHigh = numbers[at + 1]!;
    const identityLow = numbers[at + 2]!;
    return { value: objects[at], eventTimeMs, identityHigh, identityLow };
  }

  /** Merges a cell of another level's row, of the same column, into a cell of this one. */
  merge(place: number, slot: number, from: RowCells, fromPlace: number, fromSlot: number): void {
    const at = place + this.offsets[slot]!;
    const fromAt = fromPlace + from.offsets[fromSlot]!;
    const form = this.forms[slot]!;
    const { numbers, objects } = this;
    if (form === OBJECT) {
      objects[at] = this.kinds[slot]!.merge(objects[at], from.objects[fromAt]);
    } else if (isTimed(form)) {
      const eventTimeMs = from.numbers[fromAt]!;
      const high = from.numbers[fromAt + 1]!;
      const low = from.numbers[fromAt + 2]!;
      if (Number.isNaN(eventTimeMs) || !this.replaces(form, at, eventTimeMs, high, low)) return;
      numbers[at] = eventTimeMs;
      numbers[at + 1] = high;
      numbers[at + 2] = low;
      objects[at] = from.objects[fromAt];
    } else {
      numbers[at] = mergeNumbers(form, numbers[at]!, from.numbers[fromAt]!);
    }
  }
}

function isTimed(form: CellForm): form is TimedForm {
  return form === FIRST || form === LAST;
}
