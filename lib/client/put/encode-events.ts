import type { PutRecordsRequestEntry } from "@aws-sdk/client-kinesis";
import { FreshetError } from "../../define/error.ts";
import type { Source } from "../../define/types.ts";

/** An event to put: what the source's schema takes. */
export type Row = Readonly<Record<string, unknown>>;

/** Limits of one Kinesis record. */
const MAX_RECORD_BYTES = 1024 * 1024;
const MAX_PARTITION_KEY_LENGTH = 256;

/** How many events a refusal names, and how many problems of each. */
const NAMED_EVENTS = 5;
const NAMED_ISSUES = 3;

const utf8 = new TextEncoder();

/**
 * Makes events of a source into records of its stream. All are checked before one is put, as the aggregator will check
 * them: what the JSON says, by the source's schema.
 *
 * @throws FreshetError `REQUEST_INVALID` naming the events that do not fit, and where.
 */
export function encodeEvents(source: Source, events: readonly Row[]): readonly PutRecordsRequestEntry[] {
  if (!Array.isArray(events)) {
    const given = events === null ? "null" : typeof events;
    throw new FreshetError(
      "REQUEST_INVALID",
      `the events of source ${source.name} are ${given}; give an array of them. Nothing was put.`,
    );
  }
  const refused: string[] = [];
  // From what a place without an event holds too: nothing, which is refused.
  const records = Array.from(events, (event, index) => {
    const encoded = encodeEvent(source, event);
    if (typeof encoded === "string") refused.push(`row ${index} of source ${source.name}: ${encoded}`);
    return encoded;
  });
  if (refused.length === 0) return records as readonly PutRecordsRequestEntry[];
  const more = refused.length > NAMED_EVENTS ? `; and ${refused.length - NAMED_EVENTS} more` : "";
  throw new FreshetError(
    "REQUEST_INVALID",
    `${refused.slice(0, NAMED_EVENTS).join("; ")}${more}. Nothing was put.`,
  );
}

/** The record of an event, or what is wrong with it. */
function encodeEvent(source: Source, event: Row): PutRecordsRequestEntry | string {
  let text: string | undefined;
  try {
    text = JSON.stringify(event);
  } catch (error) {
    return `it cannot be written as JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (text === undefined) return `it is ${typeof event}; an event is an object.`;
  const parsed = source.schema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, NAMED_ISSUES);
    return issues.map(({ path, message }) => `${path.join(".") || "row"}: ${message}`).join("; ");
  }
  const partitionKey = String((parsed.data as Row)[source.partitionKey]);
  if (partitionKey.length === 0 || partitionKey.length > MAX_PARTITION_KEY_LENGTH) {
    return `${source.partitionKey} has ${partitionKey.length} characters; a partition key has 1 to ${MAX_PARTITION_KEY_LENGTH}.`;
  }
  if (!partitionKey.isWellFormed()) return `${source.partitionKey} is ill-formed Unicode.`;
  const data = utf8.encode(text);
  if (data.byteLength > MAX_RECORD_BYTES) {
    return `it takes ${data.byteLength} bytes as JSON; a record takes at most ${MAX_RECORD_BYTES}.`;
  }
  return { Data: data, PartitionKey: partitionKey };
}
