import { openSync, readSync } from "node:fs";
import { z } from "zod";
import type { WrittenEvent } from "./card-events.ts";

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 10;

const line = z.object({ card: z.string(), at: z.number() });

/**
 * Reads a file of events, a JSON object a line, as the peers' generator writes it. An event arrives when the newest
 * before it has.
 *
 * @throws Error for a line that is no such event, naming it.
 */
export function* eventsOfFile(file: string): Generator<WrittenEvent> {
  let arrivalMs = 0;
  let number = 0;
  for (const text of linesOf(file)) {
    number++;
    const event = parsed(text);
    if (event === null)
      throw new Error(`${file}, line ${number}: no event with a card and a time: ${text.slice(0, 80)}`);
    arrivalMs = Math.max(arrivalMs, event.at);
    yield { text, card: event.card, arrivalMs };
  }
}

function parsed(text: string): z.output<typeof line> | null {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function* linesOf(file: string): Generator<string> {
  const descriptor = openSync(file, "r");
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest = Buffer.alloc(0);
  for (;;) {
    const length = readSync(descriptor, chunk);
    if (length === 0) break;
    const bytes = Buffer.concat([rest, chunk.subarray(0, length)]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      yield bytes.toString("utf8", from, to);
      from = to + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}
