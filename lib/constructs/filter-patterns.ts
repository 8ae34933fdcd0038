import { Token } from "aws-cdk-lib";
import { isRecord } from "../define/check-options.ts";
import { FreshetError } from "../define/error.ts";
import { quote, quoteAll } from "../define/refuse.ts";

/** What lets heartbeats through: a pattern over data, the one part of a Kinesis record that AWS says can be filtered. */
export const HEARTBEAT_FILTER: Filter = { pattern: '{"data":{"freshetHeartbeat":[{"exists":true}]}}' };

/** Lambda takes five of a mapping by default, and heartbeats need one. */
const MAX_FILTERS = 4;

/**
 * What a pattern is over: the fields of a Kinesis record. One over anything else matches none, so that heartbeats alone
 * would be delivered, and views that were given no event be called fresh.
 */
const RECORD_FIELDS = [
  "data",
  "partitionKey",
  "sequenceNumber",
  "approximateArrivalTimestamp",
  "kinesisSchemaVersion",
];

/** A filter as a mapping takes it: the pattern is JSON text. */
export interface Filter {
  readonly [pattern: string]: string;
}

/**
 * A mapping's filters, that of the heartbeats among them: any one lets a record through. Undefined where there are none.
 *
 * @param patterns - objects, or what `FilterCriteria.filter` makes of them.
 * @throws FreshetError `OPTION_INVALID` for more than four, or one that is no pattern over a Kinesis record.
 */
export function filterPatterns(place: string, patterns: unknown): readonly Filter[] | undefined {
  if (patterns === undefined) return undefined;
  if (!Array.isArray(patterns)) refuse(`${place}: filters is ${quote(patterns)}; it is a list of patterns.`);
  // Without any, that of the heartbeats would leave everything else out.
  if (patterns.length === 0) return undefined;
  if (patterns.length > MAX_FILTERS) {
    refuse(
      `${place} has ${patterns.length} filters; there may be ${MAX_FILTERS} beside the heartbeats' own. Values of one field can stand in one pattern.`,
    );
  }
  const texts = patterns.map((given, index) => patternText(`${place}: filters[${index}]`, given));
  return [...texts.map((pattern) => ({ pattern })), HEARTBEAT_FILTER];
}

function patternText(place: string, given: unknown): string {
  const text = isFilter(given) ? given.pattern : JSON.stringify(given);
  // One that only the deployment knows cannot be looked at.
  if (Token.isUnresolved(text)) return text;
  const pattern = isFilter(given) ? parse(text) : given;
  const fields = isRecord(pattern) ? fieldsOf(pattern) : [];
  const others = fields.filter((field) => !RECORD_FIELDS.includes(field));
  if (fields.length > 0 && others.length === 0) return text;
  const problem = others.length === 0 ? "" : ` ${quoteAll(others)} is no field of a Kinesis record.`;
  return refuse(
    `${place} is ${quote(pattern ?? text)}.${problem} A pattern is an object over ${quoteAll(RECORD_FIELDS)}; the event's own fields are below data: { data: { amount: [1] } }.`,
  );
}

/** What `FilterCriteria.filter` makes of a pattern. */
function isFilter(given: unknown): given is { readonly pattern: string } {
  return isRecord(given) && Object.keys(given).length === 1 && typeof given.pattern === "string";
}

function fieldsOf(pattern: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(pattern).flatMap(([key, value]) =>
    key === "$or" && Array.isArray(value) ? value.filter(isRecord).flatMap(fieldsOf) : [key],
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(message: string): never {
  throw new FreshetError("OPTION_INVALID", message);
}
