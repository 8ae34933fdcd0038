import type { ChannelEntry } from "../../lib/online/channels.ts";
import type { TailedEntry } from "./entry-reader.ts";

/** An entry as `freshet tail --json` prints it. */
export interface EntryLine extends Omit<ChannelEntry, "arrivalMs" | "payload"> {
  readonly channel: string;
  /** ISO 8601. */
  readonly arrival: string;
  readonly arrivalMs: number;
  /** The record as text; null where it is not UTF-8. */
  readonly payload: string | null;
  /** The record's bytes in base64, where `payload` is null. */
  readonly payloadBase64: string | null;
}

/** What is printed of an entry as an object. */
export function entryLine({ channel, entry }: TailedEntry): EntryLine {
  const { arrivalMs, payload, ...rest } = entry;
  const text = utf8TextOf(payload);
  return {
    channel,
    arrival: isoTime(arrivalMs),
    ...rest,
    arrivalMs,
    payload: text,
    payloadBase64: text === null ? payload : null,
  };
}

/** What is printed of an entry for reading: two lines, without anything that a terminal would obey. */
export function entryText(tailed: TailedEntry): string {
  const { channel, arrival, reason, source, view, writer, sequenceNumber, partitionKey, detail, ...line } =
    entryLine(tailed);
  const what = channel === reason ? channel : `${channel} (${reason})`;
  const of = view === null ? source : `${source}, view ${view}`;
  return [
    plain(`${arrival}  ${what}  ${of}  key ${partitionKey}  ${writer} ${sequenceNumber}`),
    `  ${plain(detail)}`,
    `  ${line.payload === null ? `base64 ${line.payloadBase64}` : plain(line.payload)}`,
  ].join("\n");
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function utf8TextOf(base64: string): string | null {
  try {
    return utf8.decode(Buffer.from(base64, "base64"));
  } catch {
    return null;
  }
}

/** Arrivals that no date can hold are shown as the number. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

/** Text of a producer's: line breaks, escapes and what reorders text on a terminal are shown as JavaScript writes them. */
function plain(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
