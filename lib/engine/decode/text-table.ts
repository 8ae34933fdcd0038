/** How many texts are kept before all are let go: more than that are ids rather than names. */
export const MAX_TEXTS = 65_536;

/** Longer texts are made anew each time. */
const LONGEST_KEPT = 64;

/** The number of a text that is not kept. */
export const NOT_KEPT = -1;

const SLOTS = 2 * MAX_TEXTS;

/**
 * The texts met lately, found by their bytes and numbered: a stream names the same cards and merchants again and again.
 * A text that is met again makes no garbage, and what is known of it stands under its number, where finding it in a
 * `Map` would cost as much as all else that is done with it.
 */
export class TextTable {
  /** One more than a text's number, by its hash or the next free slot after it; 0: none. */
  private slots = new Int32Array(256);
  private texts: string[] = [];
  /** Counts how often all texts were let go: numbers of before are no longer good. */
  generation = 0;

  /** The number of the text of ASCII bytes `start` to `end`; {@link NOT_KEPT} for a long one. */
  numberOf(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    if (length > LONGEST_KEPT) return NOT_KEPT;
    let hash = length;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hash ^= hash >>> 15;
    const { slots, texts } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let next = slots[slot]!; next !== 0; next = slots[slot]!) {
      const known = texts[next - 1]!;
      if (known.length === length && isText(known, bytes, start)) return next - 1;
      slot = (slot + 1) & mask;
    }
    if (2 * texts.length === slots.length) {
      this.forget();
      return this.numberOf(bytes, start, end);
    }
    slots[slot] = texts.push(bytes.toString("latin1", start, end));
    return texts.length - 1;
  }

  /** Lets go of all texts, and makes room for twice as many up to the most. */
  private forget(): void {
    this.generation++;
    this.texts = [];
    this.slots = this.slots.length < SLOTS ? new Int32Array(2 * this.slots.length) : this.slots.fill(0);
  }

  text(number: number): string {
    return this.texts[number]!;
  }
}

/** Whether bytes from `start` on, as many as the text has characters, are the text. */
export function isText(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
