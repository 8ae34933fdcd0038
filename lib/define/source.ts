import type { z } from "zod";
import { checkOptions, type OptionNames } from "./check-options.ts";
import { DOCUMENTED, documentedOf } from "./documented.ts";
import { type Duration, parseDuration } from "./duration.ts";
import { checkIdentifier } from "./identifier.ts";
import { quote, quoteAll, refuse } from "./refuse.ts";
import type { RequiredFieldOf, RowOf } from "./row.ts";
import { describeFields, isObjectSchema, type SchemaField } from "./schema-field.ts";
import { checkSynchronous } from "./synchronous-schema.ts";
import type { Documented, Source } from "./types.ts";
import type { Scalar } from "./where.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What {@link source} takes. */
export interface SourceOptions<Schema extends z.ZodObject> extends Documented {
  /** The shape of one event. Records that do not fit it go to quarantine. */
  readonly schema: Schema;
  /** The field whose value, as text, is the Kinesis partition key. */
  readonly partitionKey: RequiredFieldOf<RowOf<Schema>, Scalar>;
  /** The field that says when the event happened: ISO 8601 text with `Z` or an offset, or milliseconds since the epoch, never seconds. */
  readonly eventTime: RequiredFieldOf<RowOf<Schema>, string | number>;
  /** The field that names the event, so that a producer's retries are dropped (R3). */
  readonly eventId?: RequiredFieldOf<RowOf<Schema>, string | number>;
  /** The field to take as arrival instead of Kinesis's own stamp, for replays of history (R5). */
  readonly arrivalTime?: RequiredFieldOf<RowOf<Schema>, string | number>;
  /** How far ahead of its arrival an event may be; beyond, it is quarantined. @default "5m" */
  readonly maxFutureSkew?: Duration;
  /** How far the clocks of producers and readers may differ; added to slack and to lag. Absent: not at all. */
  readonly clockSkew?: Duration;
  /** How long the stream keeps a record, 1d to 365d, in whole hours. @default "7d" */
  readonly retention?: Duration;
}

/** The options of {@link source}. */
export const SOURCE_OPTIONS: OptionNames<SourceOptions<z.ZodObject>> = {
  schema: true,
  partitionKey: true,
  eventTime: true,
  eventId: true,
  arrivalTime: true,
  maxFutureSkew: true,
  clockSkew: true,
  retention: true,
  ...DOCUMENTED,
};

/**
 * Defines a stream of events of one shape.
 *
 * @throws FreshetError `DEFINITION_INVALID` for an option that does not exist, a field that the schema does not have or
 *   that is of the wrong type, and for a schema that can only be parsed asynchronously.
 * @example
 * ```ts
 * const logins = source("logins", {
 *   schema: z.object({ id: z.string(), account: z.string(), ok: z.boolean(), at: z.iso.datetime() }),
 *   partitionKey: "account", eventTime: "at", eventId: "id",
 * });
 * ```
 */
export function source<const Name extends string, Schema extends z.ZodObject>(
  name: Name,
  options: SourceOptions<Schema>,
): Source<Name, Schema> {
  const place = `source ${quote(name)}`;
  checkIdentifier("source", name);
  checkOptions(place, options, SOURCE_OPTIONS);
  if (!isObjectSchema(options.schema)) refuse(place, "schema is not a z.object(...).");
  checkSynchronous(place, "schema", options.schema);
  const fields = describeFields(options.schema);
  checkScalarField(place, "partitionKey", fields, options.partitionKey);
  checkTimeField(place, "eventTime", fields, options.eventTime);
  if (options.arrivalTime !== undefined) checkTimeField(place, "arrivalTime", fields, options.arrivalTime);
  if (options.eventId !== undefined) {
    const eventId = checkScalarField(place, "eventId", fields, options.eventId);
    if (eventId.types.has("boolean"))
      refuse(place, `eventId ${quote(options.eventId)} is a boolean; name a text or number field.`);
  }
  const retentionMs = parseDuration(options.retention ?? "7d", `${place}, retention`);
  if (retentionMs < DAY_MS || retentionMs > 365 * DAY_MS) {
    refuse(place, `retention is ${quote(options.retention)}; Kinesis keeps records from 1d to 365d.`);
  }
  if (retentionMs % HOUR_MS !== 0) {
    refuse(place, `retention is ${quote(options.retention)}; Kinesis keeps records for whole hours.`);
  }
  const maxFutureSkewMs = parseDuration(options.maxFutureSkew ?? "5m", `${place}, maxFutureSkew`);
  const clockSkewMs =
    options.clockSkew === undefined ? 0 : parseDuration(options.clockSkew, `${place}, clockSkew`);
  for (const [option, ms] of Object.entries({ maxFutureSkew: maxFutureSkewMs, clockSkew: clockSkewMs })) {
    if (ms > DAY_MS)
      refuse(place, `${option} is ${quote(options[option as "clockSkew"])}; at most 24h is allowed.`);
  }
  return {
    kind: "source",
    name,
    schema: options.schema,
    partitionKey: options.partitionKey,
    eventTime: options.eventTime,
    eventId: options.eventId ?? null,
    arrivalTime: options.arrivalTime ?? null,
    maxFutureSkewMs,
    clockSkewMs,
    retentionMs,
    ...documentedOf(place, options),
  };
}

/** Checks that an option names a field that always holds text, a number or a boolean. */
export function checkScalarField(
  place: string,
  option: string,
  fields: ReadonlyMap<string, SchemaField>,
  name: string,
): SchemaField {
  const field = fields.get(name);
  if (field === undefined) {
    refuse(
      place,
      `${option} ${quote(name)} is not a field of the schema; it has ${quoteAll([...fields.keys()])}.`,
    );
  }
  if (field.types.size === 0 || field.types.has("other") || field.types.has("unknown")) {
    refuse(
      place,
      `${option} ${quote(name)} is not scalar; name a field that is text, a number or a boolean.`,
    );
  }
  if (field.nullable) {
    refuse(place, `${option} ${quote(name)} may be null or missing; name a field that every event has.`);
  }
  return field;
}

function checkTimeField(
  place: string,
  option: string,
  fields: ReadonlyMap<string, SchemaField>,
  name: string,
): void {
  const field = checkScalarField(place, option, fields, name);
  const isNumber = field.types.size === 1 && field.types.has("number");
  if (!isNumber && !field.isDateTime) {
    refuse(
      place,
      `${option} ${quote(name)} is not a time; declare it as z.iso.datetime() (with Z or { offset: true }, not local) or as a number of milliseconds since the epoch.`,
    );
  }
}
