import type { Scalar } from "../define/where.ts";
import type { ColumnKind } from "./aggregations/column-kind.ts";
import { ByteWriter } from "./codec/byte-writer.ts";
import { MAX_IMAGE_BYTES } from "./fold.ts";
import { hashScalar } from "./hash.ts";
import type { SessionLevel, ViewPlan } from "./plan.ts";

/** A DynamoDB write unit takes 1 KB, a strongly consistent read unit 4 KB; both round up for each item. */
const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

/** How busy the entity of the sparse estimate is. */
export const SPARSE_EVENTS_A_DAY = 20;
const DAY_MS = 86_400_000;

/** The longest varint of a whole number of up to 53 bits. */
const LONGEST_VARINT = 8;
/** Version, last arrival, newest event and five counts. */
const HEADER_BYTES = 1 + LONGEST_VARINT + 1 + LONGEST_VARINT + 5 * LONGEST_VARINT;
/** The same for an item of few records: two times of six bytes, counts of one or two. */
const SPARSE_HEADER_BYTES = 20;
/** Writer, a sequence number of 56 digits with its length, last arrival. */
const POSITION_ENTRY_BYTES = 1 + 4 + LONGEST_VARINT + 25 + LONGEST_VARINT;
/** A shard and the two parents that a merge may have left it. */
const POSITION_ENTRIES = 3;
/** Attribute names (pk, position, image, ttl), and the value of ttl: a number of ten digits. */
const ATTRIBUTE_BYTES = 2 + 8 + 5 + 3 + 8;
/** The longest key that is not replaced by its hash (one that is stays in the item too), and the writer's name. */
const PLAIN_KEY_BYTES = 1024 + 32;
/** A key such as `card@1|s4929123412341234`. */
const TYPICAL_KEY_BYTES = 40;

/** The tiles of one hop, and what their rows take. */
export interface LevelBound {
  /** Tile length; null for lifetime. */
  readonly hopMs: number | null;
  readonly spanMs: number;
  /** The most rows that the level can hold. */
  readonly rows: number;
  /** The most bytes that one row takes. */
  readonly rowBytes: number;
  readonly bytes: number;
}

/** The sessions of one gap and maximum, and what they take. */
export interface SessionBound {
  readonly gapMs: number;
  readonly maxMs: number;
  /** The most sessions that an item keeps. */
  readonly sessions: number;
  /** The most bytes that one session takes. */
  readonly sessionBytes: number;
  readonly bytes: number;
}

/** Size and price of an item. */
export interface ItemCost {
  /** Bytes as DynamoDB counts them: key, names and values. */
  readonly bytes: number;
  /** Write units for each conditional write. */
  readonly writeUnits: number;
  /** Read units for each strongly consistent read. */
  readonly readUnits: number;
}

/** What an item of a view can grow to, and what it costs. */
export interface ItemBounds {
  readonly levels: readonly LevelBound[];
  readonly sessions: readonly SessionBound[];
  readonly headerBytes: number;
  readonly positionBytes: number;
  readonly dedupBytes: number;
  /** A key of up to 1 KB, and the attributes' names. */
  readonly keyBytes: number;
  /** The most that the state image can take, before the limit of 350 KB is looked at. */
  readonly imageBytes: number;
  /** An item whose every ring is full, or whose image is at the limit of 350 KB. */
  readonly bound: ItemCost;
  /** Estimate for an entity of {@link SPARSE_EVENTS_A_DAY} events, evenly spread over the day. */
  readonly sparse: ItemCost;
}

/** Computes the bound on a view's items from what its columns declare, and an estimate for a sparse entity. */
export function itemBounds(plan: ViewPlan): ItemBounds {
  const levels = plan.levels.map((_, level) => levelBound(plan, level));
  const { dedup, source } = plan.view;
  const dedupBytes = source.eventId === null ? 1 : dedupRingBytes(dedup.count, LONGEST_VARINT);
  const positionBytes = POSITION_ENTRY_BYTES * (plan.singleWriter ? POSITION_ENTRIES : 1);
  const sessions = plan.sessions.map((level) => sessionBound(plan, level));
  const parts = [...levels, ...sessions];
  const imageBytes = HEADER_BYTES + dedupBytes + parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const keyBytes = ATTRIBUTE_BYTES + PLAIN_KEY_BYTES;
  return {
    levels,
    sessions,
    headerBytes: HEADER_BYTES,
    positionBytes,
    dedupBytes,
    keyBytes,
    imageBytes,
    bound: costOf(Math.min(imageBytes, MAX_IMAGE_BYTES) + positionBytes + keyBytes),
    sparse: costOf(sparseImageBytes(plan) + POSITION_ENTRY_BYTES + ATTRIBUTE_BYTES + TYPICAL_KEY_BYTES),
  };
}

/** Count, newest and oldest arrival, hashes, and the gaps between arrivals after their length. */
function dedupRingBytes(ids: number, gapBytes: number): number {
  const gaps = Math.max(0, ids - 1) * gapBytes;
  return varintBytes(ids) + 2 * LONGEST_VARINT + 8 * ids + varintBytes(gaps) + gaps;
}

function costOf(bytes: number): ItemCost {
  return {
    bytes,
    writeUnits: Math.ceil(bytes / WRITE_UNIT_BYTES),
    readUnits: Math.ceil(bytes / READ_UNIT_BYTES),
  };
}

function levelBound(plan: ViewPlan, level: number): LevelBound {
  const { hopMs, spanMs, columns } = plan.levels[level]!;
  const body = columns.reduce((sum, column) => sum + plan.columns[column]!.kind.maxBytes, 0);
  if (hopMs === null) {
    const rowBytes = varintBytes(body) + body;
    return { hopMs, spanMs, rows: 1, rowBytes, bytes: 1 + rowBytes };
  }
  const ringRows = Math.ceil((spanMs + plan.slackMs) / hopMs) + 1;
  // Rows that are newer than what has aged out of every finer ring do not exist at this level.
  const agedRows = Math.ceil(Math.max(0, spanMs - finerSpanMs(plan, level)) / hopMs) + 2;
  const rows = Math.min(ringRows, agedRows);
  const rowBytes = varintBytes(ringRows) + varintBytes(body) + body;
  return { hopMs, spanMs, rows, rowBytes, bytes: varintBytes(rows) + rows * rowBytes };
}

function sessionBound(plan: ViewPlan, { gapMs, maxMs, columns, most }: SessionLevel): SessionBound {
  const body = columns.reduce((sum, column) => sum + plan.columns[column]!.kind.maxBytes, 0);
  const sessionBytes = 2 * LONGEST_VARINT + varintBytes(body) + body;
  return { gapMs, maxMs, sessions: most, sessionBytes, bytes: varintBytes(most) + most * sessionBytes };
}

/** How much of a level's newest time each of its columns keeps in finer levels: the least of them; minus infinity for none. */
function finerSpanMs(plan: ViewPlan, level: number): number {
  const spans = plan.levels[level]!.columns.map((column) =>
    Math.max(
      Number.NEGATIVE_INFINITY,
      ...plan.columns[column]!.levels.filter((each) => each < level).map((each) => plan.levels[each]!.spanMs),
    ),
  );
  return Math.min(...spans);
}

function sparseImageBytes(plan: ViewPlan): number {
  const { dedup, source } = plan.view;
  const ids =
    source.eventId === null
      ? 0
      : Math.min(dedup.count, Math.ceil((dedup.horizonMs / DAY_MS) * SPARSE_EVENTS_A_DAY));
  let bytes = SPARSE_HEADER_BYTES + dedupRingBytes(ids, varintBytes((2 * DAY_MS) / SPARSE_EVENTS_A_DAY));
  for (const [level, { hopMs, spanMs, columns }] of plan.levels.entries()) {
    const finer = Math.max(0, finerSpanMs(plan, level));
    const eventsHeld = ((spanMs + plan.slackMs - finer) / DAY_MS) * SPARSE_EVENTS_A_DAY;
    const rows =
      hopMs === null ? 1 : Math.min(levelBound(plan, level).rows, Math.max(1, Math.ceil(eventsHeld)));
    const body = columns.reduce((sum, column) => sum + bytesOfOneEvent(plan.columns[column]!.kind), 0);
    bytes += 1 + rows * (3 + body);
  }
  // One session is kept, of an event or a few.
  for (const { columns } of plan.sessions) {
    bytes += 1 + 6 + columns.reduce((sum, column) => sum + bytesOfOneEvent(plan.columns[column]!.kind), 0);
  }
  return bytes;
}

/** What a column of one event takes: measured, since kinds write few values in far less than their bound. */
export function bytesOfOneEvent(kind: ColumnKind): number {
  const value: Scalar = kind.accepts === "scalar" ? "ABCDEFGHIJ" : 1234.56;
  const writer = new ByteWriter();
  const partial = kind.add(kind.zero(), {
    value: valueFor(kind, value),
    eventTimeMs: 1_234,
    identityHigh: 0x89abcdef,
    identityLow: 0x1234567,
    key: "ABCDEFGHIJ",
  });
  kind.encode(writer, partial, 0);
  return writer.length;
}

function valueFor({ digest }: ColumnKind, value: Scalar): Scalar {
  if (digest === undefined) return value;
  const hash = { high: 0, low: 0 };
  hashScalar(value, hash);
  return digest(hash);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
