/** How many texts are kept before all are let go: more than that are ids rather than names. */
const MAX_TEXTS = 65_536;

/** Longer texts are made anew each time. */
const LONGEST_KEPT = 64;

const SLOTS = 2 * MAX_TEXTS;

/**
 * The strings of texts met lately, found by their bytes: a stream names the same cards and merchants again and again.
 * A string that is met again costs no garbage, and a `Map` finds it by its address, its hash being known.
 */
export class TextTable {
  /** One more than a text's number, by its hash or the next free slot after it; 0: none. */
  private slots = new Int32Array(256);
  private texts: string[] = [];

  /** The text of ASCII bytes `start` to `end`. */
  text(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > LONGEST_KEPT) return bytes.toString("latin1", start, end);
    let hash = length;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    hash ^= hash >>> 15;
    const { slots, texts } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let number = slots[slot]!; number !== 0; number = slots[slot]!) {
      const known = texts[number - 1]!;
      if (known.length === length && isText(known, bytes, start)) return known;
      slot = (slot + 1) & mask;
    }
    const text = bytes.toString("latin1", start, end);
    this.keep(text, slot);
    return text;
  }

  private keep(text: string, slot: number): void {
    const { texts, slots } = this;
    texts.push(text);
    slots[slot] = texts.length;
    if (2 * texts.length < slots.length) return;
    this.texts = [];
    this.slots = slots.length < SLOTS ? new Int32Array(2 * slots.length) : slots.fill(0);
  }
}

/** Whether bytes from `start` on, as many as the text has characters, are the text. */
export function isText(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
