import { MAX_TEXTS, type TextTable } from "./text-table.ts";

/** What is not known. */
export const UNKNOWN = -1;

/** Remembers a small number for each text of a table, for as long as the table keeps the text. */
export class TextMemo {
  /** One more than each value; 0: not known. */
  private readonly values = new Int32Array(MAX_TEXTS);
  private generation = 0;

  constructor(private readonly table: TextTable) {}

  /** The value of a text by its number; {@link UNKNOWN} where there is none. */
  get(number: number): number {
    if (this.generation !== this.table.generation) this.forget();
    return this.values[number]! - 1;
  }

  set(number: number, value: number): void {
    if (this.generation !== this.table.generation) this.forget();
    this.values[number] = value + 1;
  }

  forget(): void {
    this.generation = this.table.generation;
    this.values.fill(0);
  }
}
