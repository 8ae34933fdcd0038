import { lowBytes, type RecordBytes } from "./record-bytes.ts";

/** How many texts are kept before all are let go: more than that are ids rather than names. */
export const MAX_TEXTS = 65_536;

/** Longer texts are made anew each time. */
const LONGEST_KEPT = 64;

/** The number of a text that is not kept. */
export const NOT_KEPT = -1;

const SLOTS = 2 * MAX_TEXTS;
const FEWEST_SLOTS = 256;

/**
 * The texts met lately, found by their bytes and numbered: a stream names the same cards and merchants again and again.
 * A text that is met again makes no garbage, and what is known of it stands under its number, where finding it in a
 * `Map` would cost as much as all else that is done with it.
 */
export class TextTable {
  /** One more than a text's number, by its hash or the next free slot after it; 0: none. */
  private slots = new Int32Array(FEWEST_SLOTS);
  private texts: string[] = [];
  /** The texts' bytes, in words of four: of each where they start in `words`, and how many bytes they are. */
  private words = new Int32Array(4 * FEWEST_SLOTS);
  private starts = new Int32Array(FEWEST_SLOTS / 2);
  private lengths = new Uint8Array(FEWEST_SLOTS / 2);
  private end = 0;
  /** Counts how often all texts were let go: numbers of before are no longer good. */
  generation = 0;

  /** The number of the text that a record's ASCII bytes `start` to `end` are; {@link NOT_KEPT} for a long one. */
  numberOf(record: RecordBytes, start: number, end: number): number {
    const length = end - start;
    if (length > LONGEST_KEPT) return NOT_KEPT;
    const { words: bytes } = record;
    const whole = start + (length & ~3);
    const last = length & 3;
    const rest = last === 0 ? 0 : bytes.getInt32(whole, true) & lowBytes(last);
    let hash = Math.imul(length ^ rest, 0x85ebca6b);
    for (let at = start; at < whole; at += 4) {
      hash = Math.imul((hash ^ (hash >>> 15)) + bytes.getInt32(at, true), 0xc2b2ae35);
    }
    hash ^= hash >>> 15;
    const { slots, texts, lengths } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let next = slots[slot]!; next !== 0; next = slots[slot]!) {
      if (lengths[next - 1] === length && this.holds(next - 1, bytes, start, whole, rest)) return next - 1;
      slot = (slot + 1) & mask;
    }
    if (2 * texts.length === slots.length) {
      this.forget();
      return this.numberOf(record, start, end);
    }
    slots[slot] = texts.push(record.text(start, end));
    this.store(texts.length - 1, bytes, start, length);
    return texts.length - 1;
  }

  private holds(number: number, bytes: DataView, start: number, whole: number, rest: number): boolean {
    const { words } = this;
    let at = this.starts[number]!;
    for (let from = start; from < whole; from += 4) {
      if (words[at++] !== bytes.getInt32(from, true)) return false;
    }
    return words[at] === rest;
  }

  /** Keeps a text's bytes: whole words, and one more of the rest, be it none. */
  private store(number: number, bytes: DataView, start: number, length: number): void {
    const count = (length >>> 2) + 1;
    if (this.end + count > this.words.length) {
      const grown = new Int32Array(2 * this.words.length);
      grown.set(this.words);
      this.words = grown;
    }
    this.starts[number] = this.end;
    this.lengths[number] = length;
    for (let i = 0; i < count; i++) {
      const mask = lowBytes(Math.min(4, length - 4 * i));
      this.words[this.end++] = bytes.getInt32(start + 4 * i, true) & mask;
    }
  }

  /** Lets go of all texts, and makes room for twice as many up to the most. */
  private forget(): void {
    this.generation++;
    this.texts = [];
    this.end = 0;
    if (this.slots.length === SLOTS) this.slots.fill(0);
    else {
      const slots = 2 * this.slots.length;
      this.slots = new Int32Array(slots);
      this.starts = new Int32Array(slots / 2);
      this.lengths = new Uint8Array(slots / 2);
    }
  }

  text(number: number): string {
    return this.texts[number]!;
  }
}
