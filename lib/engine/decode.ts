import type { Source } from "../define/types.ts";
import { FieldValues, fieldNames } from "./decode/field-values.ts";
import { RecordScanner } from "./decode/record-scanner.ts";
import { TextMemo, UNKNOWN } from "./decode/text-memo.ts";
import { NOT_KEPT } from "./decode/text-table.ts";
import { type Hash64, hashText } from "./hash.ts";
import { decodeHeartbeat } from "./heartbeat.ts";
import { type HashRange, partitionHash, rangeHolds } from "./partition-hash.ts";
import type {
  DecodedRecord,
  DeliveredRecord,
  Heartbeat,
  PassingEvent,
  PassingRecord,
  QuarantineReason,
  RejectedRecord,
} from "./record.ts";

/** Where a record was delivered from. `writer` names stream incarnation and shard (R1). */
export interface ShardContext {
  readonly writer: string;
  /** Null when the range is not known; the check of explicit hash keys is then the caller's to make. */
  readonly hashRange: HashRange | null;
}

type Row = Readonly<Record<string, unknown>>;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The magic bytes of a record aggregated by the Kinesis Producer Library. */
const KPL_MAGIC = [0xf3, 0x89, 0x9a, 0xc2] as const;

/** How many partition keys a decoder remembers the shard check of. */
const CHECKED_KEYS = 100_000;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const identity: Hash64 = { high: 0, low: 0 };

/**
 * Makes the decoder of a source: delivered records become events, heartbeats and rejected records (R1, R5, R12).
 * It never throws: whatever a producer puts ends in one of the three.
 *
 * @example
 * ```ts
 * const decode = createDecoder(transactions);
 * const decoded = decode(record, { writer, hashRange });
 * if (decoded.kind === "rejected") console.error(decoded.reason, decoded.detail);
 * ```
 */
export function createDecoder(
  source: Source,
): (record: DeliveredRecord, shard: ShardContext) => DecodedRecord {
  const { decode } = createPassingDecoder(source);
  return (record, shard) => {
    const decoded = decode(record, shard);
    if (decoded.kind !== "event") return decoded;
    const { fields, ...event } = decoded;
    return { ...event, row: fields.row };
  };
}

/** Decodes records whose values stand in `fields` until the next. */
export interface PassingDecoder {
  readonly decode: (record: DeliveredRecord, shard: ShardContext) => PassingRecord;
  readonly fields: FieldValues;
}

/** {@link createDecoder} for those who are done with an event when they ask for the next: it makes no rows. */
export function createPassingDecoder(source: Source): PassingDecoder {
  const { partitionKey, eventTime, eventId, arrivalTime, maxFutureSkewMs } = source;
  const names = fieldNames(source);
  const fields = new FieldValues(names);
  const scanner = new RecordScanner(source.schema, fields);
  const timeField = names.indexOf(eventTime);
  const keyField = names.indexOf(partitionKey);
  const checked = new ShardCheck(fields, keyField);
  const idField = eventId === null ? -1 : names.indexOf(eventId);
  const arrivalField = arrivalTime === null ? -1 : names.indexOf(arrivalTime);

  const event: Writable<PassingEvent> = {
    kind: "event",
    sequenceNumber: "",
    partitionKey: "",
    fields,
    eventTimeMs: 0,
    arrivalMs: 0,
    approximateArrivalMs: 0,
    hasEventId: false,
    identityHigh: 0,
    identityLow: 0,
  };

  const decode = (record: DeliveredRecord, shard: ShardContext): PassingRecord => {
    const { sequenceNumber, approximateArrivalMs } = record;
    if (!scanner.read(record)) {
      const parsed = parseRecord(source, scanner, record);
      if (parsed instanceof NoRow) return parsed.outcome;
      fields.take(parsed);
    }

    const eventTimeMs = timeIn(fields, timeField);
    if (eventTimeMs === null) {
      // A schema without a field that must be there takes a heartbeat for a row.
      const heartbeat = heartbeatIn(source, record);
      if (heartbeat !== null) return heartbeat;
      return rejected(record, "schema", notATime(eventTime, fields.value(timeField)));
    }
    const arrivalMs = arrivalField < 0 ? approximateArrivalMs : timeIn(fields, arrivalField);
    if (arrivalMs === null) {
      return rejected(record, "schema", notATime(arrivalTime!, fields.value(arrivalField)));
    }
    // A declared arrival that has not come yet would lift progress, and every answer would call itself fresh until then.
    if (arrivalMs > approximateArrivalMs + maxFutureSkewMs) {
      return rejected(record, "future", aheadOfStamp(source, arrivalMs, approximateArrivalMs));
    }
    if (eventTimeMs > arrivalMs + maxFutureSkewMs) {
      return rejected(
        record,
        "future",
        `${eventTime} is ${eventTimeMs - arrivalMs} ms after arrival; source ${source.name} allows ${maxFutureSkewMs} ms.`,
        arrivalMs,
      );
    }

    if (!isKey(fields, keyField, record.partitionKey)) {
      return rejected(
        record,
        "wrong-partition-key",
        `the partition key is ${JSON.stringify(record.partitionKey)}; field ${partitionKey} is ${JSON.stringify(fields.value(keyField))}.`,
        arrivalMs,
      );
    }
    if (shard.hashRange !== null && !checked.holds(record.partitionKey, shard.hashRange)) {
      return rejected(
        record,
        "wrong-partition-key",
        `partition key ${JSON.stringify(record.partitionKey)} hashes outside the delivering shard: it was put with an explicit hash key.`,
        arrivalMs,
      );
    }

    if (idField >= 0 && !fields.isWellFormed(idField)) {
      return rejected(record, "ill-formed-unicode", `event id ${eventId} is ill-formed Unicode.`, arrivalMs);
    }
    const number = idField < 0 ? Number.NaN : fields.number(idField);
    if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
      const detail = `event id ${eventId} is ${number}: whole numbers past 2^53 do not survive JSON; send the id as text.`;
      return rejected(record, "schema", detail, arrivalMs);
    }
    const hasEventId = idField >= 0 && fields.hash(idField, identity);
    if (!hasEventId) hashText(`${shard.writer}/${sequenceNumber}`, identity);
    event.sequenceNumber = sequenceNumber;
    event.partitionKey = record.partitionKey;
    event.eventTimeMs = eventTimeMs;
    event.arrivalMs = arrivalMs;
    event.approximateArrivalMs = approximateArrivalMs;
    event.hasEventId = hasEventId;
    event.identityHigh = identity.high;
    event.identityLow = identity.low;
    return event;
  };
  return { decode, fields };
}

/** Whether a field's value, as text, is a record's partition key. */
function isKey(fields: FieldValues, field: number, partitionKey: string): boolean {
  return fields.equals(field, partitionKey) || String(fields.value(field)) === partitionKey;
}

/** What a record that holds no row of its source is. */
class NoRow {
  constructor(readonly outcome: Heartbeat | RejectedRecord) {}
}

/** A heartbeat, or why one is refused; null for any other record. */
function heartbeatIn(source: Source, record: DeliveredRecord): Heartbeat | RejectedRecord | null {
  const { data, sequenceNumber, approximateArrivalMs } = record;
  const sentAtMs = decodeHeartbeat(data);
  if (sentAtMs === null) return null;
  const arrivalMs = source.arrivalTime === null ? approximateArrivalMs : sentAtMs;
  if (arrivalMs > approximateArrivalMs + source.maxFutureSkewMs) {
    return rejected(record, "future", aheadOfStamp(source, arrivalMs, approximateArrivalMs));
  }
  return { kind: "heartbeat", sequenceNumber, arrivalMs };
}

/** Reads a record that the scanner leaves to `JSON.parse` and the schema. */
function parseRecord(source: Source, scanner: RecordScanner, record: DeliveredRecord): Row | NoRow {
  const { data } = record;
  const noRow = (reason: QuarantineReason, detail: string) => new NoRow(rejected(record, reason, detail));
  const heartbeat = heartbeatIn(source, record);
  if (heartbeat !== null) return new NoRow(heartbeat);
  if (KPL_MAGIC.every((byte, i) => data[i] === byte)) {
    return noRow(
      "kpl-aggregated",
      "the record is aggregated by the Kinesis Producer Library; put one event a record.",
    );
  }

  let text: string;
  let parsed: unknown;
  try {
    text = utf8.decode(data);
    parsed = JSON.parse(text);
  } catch (error) {
    return noRow("malformed", `the record is not JSON: ${(error as Error).message}`);
  }
  let result: ReturnType<typeof source.schema.safeParse>;
  try {
    result = source.schema.safeParse(parsed);
  } catch (error) {
    return noRow("schema", `the schema of source ${source.name} threw: ${(error as Error).message}`);
  }
  if (!result.success) {
    const issues = result.error.issues
      .slice(0, 3)
      .map((issue) => `${issue.path.join(".") || "record"}: ${issue.message}`);
    return noRow("schema", `the record does not fit source ${source.name}: ${issues.join("; ")}`);
  }
  scanner.learn(record, text);
  return result.data as Row;
}

function rejected(
  { sequenceNumber, approximateArrivalMs }: DeliveredRecord,
  reason: QuarantineReason,
  detail: string,
  arrivalMs = approximateArrivalMs,
): RejectedRecord {
  return { kind: "rejected", sequenceNumber, arrivalMs, reason, detail };
}

const WITH_OFFSET = /(?:[zZ]|[+-]\d{2}(?::?\d{2})?)$/;

/** The range of JavaScript's Date, which the state format's signed numbers hold with room to spare. */
const FURTHEST_TIME_MS = 8_640_000_000_000_000;

function timeIn(fields: FieldValues, field: number): number | null {
  const timeMs = fields.timestamp(field);
  if (!Number.isNaN(timeMs)) return timeMs;
  return timeOf(fields.isNumber(field) ? fields.number(field) : fields.passingText(field));
}

/** Epoch milliseconds of a time field: whole milliseconds, or ISO 8601 text, in UTC when it names no offset. */
export function timeOf(value: unknown): number | null {
  if (typeof value === "number") {
    return Number.isInteger(value) && Math.abs(value) <= FURTHEST_TIME_MS ? value + 0 : null;
  }
  if (typeof value !== "string") return null;
  const ms = Date.parse(WITH_OFFSET.test(value) ? value : `${value}Z`);
  return Number.isNaN(ms) ? null : ms;
}

function aheadOfStamp(source: Source, arrivalMs: number, approximateArrivalMs: number): string {
  return `the declared arrival is ${arrivalMs - approximateArrivalMs} ms after the stream's own stamp; source ${source.name} allows ${source.maxFutureSkewMs} ms.`;
}

function notATime(field: string, value: unknown): string {
  return `${field} is ${JSON.stringify(value)}; a time is whole milliseconds since the epoch (within ±8.64e15), or ISO 8601 text.`;
}

/** Remembers which partition keys a shard's range holds: an MD5 costs as much as the rest of a decode. */
class ShardCheck {
  private range: HashRange | null = null;
  private readonly ofTexts: TextMemo;
  private readonly ofOthers = new Map<string, boolean>();

  constructor(
    private readonly fields: FieldValues,
    private readonly keyField: number,
  ) {
    this.ofTexts = new TextMemo(fields.table);
  }

  /** Whether a range holds the record's partition key, which is the value of the key's field. */
  holds(partitionKey: string, range: HashRange): boolean {
    if (this.range?.start !== range.start || this.range.end !== range.end) {
      this.range = range;
      this.ofTexts.forget();
      this.ofOthers.clear();
    }
    const number = this.fields.textNumber(this.keyField);
    const known = number === NOT_KEPT ? this.ofOthers.get(partitionKey) : this.ofTexts.get(number);
    if (known !== undefined && known !== UNKNOWN) return known === true || known === 1;
    const verdict = rangeHolds(range, partitionHash(partitionKey));
    if (number !== NOT_KEPT) this.ofTexts.set(number, verdict ? 1 : 0);
    else {
      if (this.ofOthers.size >= CHECKED_KEYS) this.ofOthers.clear();
      this.ofOthers.set(partitionKey, verdict);
    }
    return verdict;
  }
}
