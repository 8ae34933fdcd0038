import { MAX_TEXTS, type TextTable } from "./text-table.ts";

/** What is not known. */
export const UNKNOWN = -1;

/** Leaves room for the values of one round. */
const LAST_BASE = 0x40000000;

/** Remembers a small number for each text of a table, until it is told to forget. */
export class TextMemo {
  /** A value and the base of its round: what is below the base is of an earlier round. */
  private readonly values = new Int32Array(MAX_TEXTS);
  private base = 1;
  private largest = 0;
  private generation = -1;

  constructor(private readonly table: TextTable) {}

  /** The value of a text by its number; {@link UNKNOWN} where there is none. */
  get(number: number): number {
    if (this.generation !== this.table.generation) this.forget();
    const value = this.values[number]! - this.base;
    return value >= 0 ? value : UNKNOWN;
  }

  set(number: number, value: number): void {
    if (this.generation !== this.table.generation) this.forget();
    this.values[number] = this.base + value;
    if (value > this.largest) this.largest = value;
  }

  /** Forgets all values, which takes no time. */
  forget(): void {
    this.generation = this.table.generation;
    this.base += this.largest + 1;
    this.largest = 0;
    if (this.base < LAST_BASE) return;
    this.values.fill(0);
    this.base = 1;
  }
}
