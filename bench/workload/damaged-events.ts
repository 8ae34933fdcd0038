import type { WrittenEvent } from "./card-events.ts";
import { payments } from "./card-view.ts";

/** One event in so many is damaged. */
const DAMAGED_ONE_IN = 1_000;

/** An event, and whether the source's schema refuses it. */
export interface CheckedEvent extends WrittenEvent {
  readonly refused: boolean;
}

/** What producers get wrong: each takes an event's text and answers a text that the schema refuses. */
const DAMAGES: readonly ((text: string) => string)[] = [
  (text) => text.slice(0, text.length >> 1),
  (text) => text.replace(/"amount":([\d.]+)/, '"amount":"$1"'),
  (text) => text.replace(/"merchant":"[^"]*",/, ""),
  (text) => text.replace(/"category":"[^"]*"/, '"category":null'),
  (text) => text.replace(/"at":\d+/, '"at":"yesterday"'),
];

/**
 * Damages one event in a thousand, in one way after the other.
 *
 * @throws Error for a damage that zod lets pass: then the benchmark would not measure what it says.
 */
export function* damagedEvents(events: Iterable<WrittenEvent>): Generator<CheckedEvent> {
  let index = 0;
  for (const event of events) {
    if (++index % DAMAGED_ONE_IN !== 0) {
      yield { ...event, refused: false };
      continue;
    }
    const text = DAMAGES[(index / DAMAGED_ONE_IN) % DAMAGES.length]!(event.text);
    if (isAccepted(text)) throw new Error(`a damaged record is still accepted: ${text}`);
    yield { ...event, text, refused: true };
  }
}

function isAccepted(text: string): boolean {
  try {
    return payments.schema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
