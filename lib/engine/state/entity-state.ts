import type { ColumnInput } from "../aggregations/column-kind.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import type { ViewPlan } from "../plan.ts";
import {
  ARRIVAL,
  EVENT_TIME,
  EXCLUDED,
  FEATURE_THREW,
  FILTER_THREW,
  FIRST_FEED,
  FLAGS,
  HAS_ID,
  IDENTITY_HIGH,
  IDENTITY_LOW,
  type ViewEvents,
} from "../view-events.ts";
import {
  type AgingColumn,
  type ColumnFeed,
  columnFeed,
  type EnteringColumn,
  type FeedSlots,
} from "./column-feed.ts";
import { DedupRing } from "./dedup-ring.ts";
import {
  expiresAtMs,
  type ImageHeader,
  type ItemCounts,
  lastActiveMs,
  NO_EVENT,
  readHeader,
  timeBase,
  writeHeader,
  zeroCounts,
} from "./image-header.ts";
import { LevelRows } from "./level-rows.ts";
import type { RowCells } from "./row-cells.ts";
import { NO_SESSION, SessionRows } from "./session-rows.ts";

/** What one event did to an item's state. */
export type StateOutcome = "folded" | "duplicate" | "late" | "excluded";

/** Images are written one behind another into buffers of this size, each a view on its own part. */
const IMAGE_BUFFER_BYTES = 64 * 1024;

/** No level holds this tile: what the ring's floor is before the first event. */
const NO_FLOOR = Number.NEGATIVE_INFINITY;

/**
 * The state of one item while events fold into it: header, dedup ring, the rows of each level, and sessions.
 * One object a view serves all its items in turn: {@link open} replaces what it holds.
 */
export class EntityState {
  private header: ImageHeader = { newestMs: NO_EVENT, lastArrivalMs: 0, counts: zeroCounts() };
  private readonly ring: DedupRing;
  private readonly levels: readonly LevelRows[];
  private readonly sessions: readonly SessionRows[];
  /** The first tile that each level's ring still holds (R5). */
  private readonly floors: number[];
  private readonly feed: ColumnFeed;
  private readonly input: ColumnInput = {
    value: 0,
    eventTimeMs: 0,
    identityHigh: 0,
    identityLow: 0,
    key: "",
  };
  private readonly reader = new ByteReader(new Uint8Array(0));
  private readonly writer = new ByteWriter(IMAGE_BUFFER_BYTES);
  private blank = true;
  /** Rows that aged out since the state was opened. */
  agedRows = 0;

  constructor(private readonly plan: ViewPlan) {
    this.ring = new DedupRing(plan.view.dedup);
    this.levels = plan.levels.map((level) => new LevelRows(level, plan));
    this.sessions = plan.sessions.map((level) => new SessionRows(level, plan));
    this.floors = plan.levels.map(() => NO_FLOOR);
    this.feed = columnFeed(plan);
  }

  get counts(): Readonly<ItemCounts> {
    return this.header.counts;
  }

  get expiresAtMs(): number | null {
    return expiresAtMs(this.header, this.plan.expiryMs);
  }

  clear(): void {
    this.blank = true;
    this.header.newestMs = NO_EVENT;
    this.header.lastArrivalMs = 0;
    this.header.counts = zeroCounts();
    this.ring.clear();
    for (const rows of this.levels) rows.clear();
    for (const rows of this.sessions) rows.clear();
    this.floors.fill(NO_FLOOR);
  }

  open(image: Uint8Array | undefined): void {
    if (image === undefined) {
      this.clear();
      return;
    }
    const { bytes, start } = this.writer.load(image);
    const reader = this.reader.seek(bytes, start, start + image.length);
    readHeader(reader, this.header);
    this.blank = false;
    this.ring.read(reader);
    this.ring.overflow = this.header.counts.dedupOverflow;
    const { newestMs } = this.header;
    const baseMs = timeBase(newestMs);
    for (const rows of this.levels) rows.read(reader, rows.tileOf(baseMs));
    for (const rows of this.sessions) rows.read(reader, baseMs);
    reader.expectEnd();
    if (newestMs !== NO_EVENT) this.raiseFloors(newestMs);
  }

  encode(): Uint8Array {
    const { writer, header } = this;
    writer.reset();
    header.counts.dedupOverflow = this.ring.overflow;
    writeHeader(writer, header);
    this.ring.write(writer);
    const baseMs = timeBase(header.newestMs);
    for (const rows of this.levels) rows.write(writer, rows.tileOf(baseMs));
    for (const rows of this.sessions) rows.write(writer, baseMs);
    return writer.take();
  }

  /** True when a record of this arrival finds the item expired, so that everything but the position restarts (R15). */
  isExpiredAt(arrivalMs: number): boolean {
    const { expiryMs } = this.plan;
    // Asked of every event: a number of its own that may be null would be an object each time.
    return !this.blank && expiryMs !== null && arrivalMs > lastActiveMs(this.header) + expiryMs;
  }

  /**
   * Folds one event: dedup (R3), the view's own filter (R12), lateness and eviction (R5), then its columns. Where it is
   * told that a function of the definition threw, the state is no longer any item's.
   */
  fold(events: ViewEvents, index: number): StateOutcome | "function-threw" {
    const { header, ring } = this;
    const { counts } = header;
    const { numbers } = events;
    const at = index * events.stride;
    const arrivalMs = numbers[at + ARRIVAL]!;
    const flags = numbers[at + FLAGS]! | 0;
    header.lastArrivalMs = this.blank ? arrivalMs : Math.max(header.lastArrivalMs, arrivalMs);
    this.blank = false;
    if ((flags & HAS_ID) !== 0) {
      const high = numbers[at + IDENTITY_HIGH]!;
      const low = numbers[at + IDENTITY_LOW]!;
      ring.expire(arrivalMs);
      if (ring.has(high, low, arrivalMs)) {
        counts.duplicate++;
        return "duplicate";
      }
      ring.add(high, low, arrivalMs);
    }
    if ((flags & EXCLUDED) !== 0) {
      counts.excluded++;
      return "excluded";
    }
    if ((flags & FILTER_THREW) !== 0) return "function-threw";
    if (!this.advance(numbers[at + EVENT_TIME]!)) {
      counts.late++;
      return "late";
    }
    if ((flags & FEATURE_THREW) !== 0) return "function-threw";
    counts.folded++;
    this.add(events, index);
    return "folded";
  }

  /** Moves the newest event on and evicts; false when no ring and no session holds the event. */
  private advance(eventTimeMs: number): boolean {
    const { newestMs } = this.header;
    if (eventTimeMs > newestMs) {
      this.header.newestMs = eventTimeMs;
      this.raiseFloors(eventTimeMs);
      this.evict();
      return true;
    }
    const { levels, floors } = this;
    for (let level = 0; level < levels.length; level++) {
      if (levels[level]!.tileOf(eventTimeMs) >= floors[level]!) return true;
    }
    return this.sessions.some((rows) => rows.holds(eventTimeMs, newestMs - this.plan.slackMs));
  }

  private raiseFloors(newestMs: number): void {
    const { levels } = this.plan;
    for (let index = 0; index < levels.length; index++) {
      const { hopMs, spanMs } = levels[index]!;
      if (hopMs !== null) this.floors[index] = Math.floor((newestMs - spanMs - this.plan.slackMs) / hopMs);
    }
  }

  /** Rows that left their ring move, column by column, to the next coarser level that holds them and has the column. */
  private evict(): void {
    const { levels, floors, feed } = this;
    for (let index = 0; index < levels.length; index++) {
      const rows = levels[index]!;
      const aging = feed.aging[index]!;
      while (rows.size > 0 && rows.oldestTile < floors[index]!) {
        if (aging.length === 0) {
          rows.dropOldest();
          continue;
        }
        this.agedRows++;
        const startMs = rows.tileStartMs(rows.oldestTile);
        const place = rows.takeOldest();
        this.ageOut(aging, startMs, rows.cells, place);
        rows.cells.release(place);
      }
    }
    for (const rows of this.sessions) rows.evict(this.header.newestMs - this.plan.slackMs);
  }

  private ageOut(aging: readonly AgingColumn[], startMs: number, cells: RowCells, place: number): void {
    // Nearly always all columns go to one row.
    let touched = -1;
    let touchedPlace = -1;
    for (let i = 0; i < aging.length; i++) {
      const { slot, targets } = aging[i]!;
      for (let j = 0; j < targets.length; j++) {
        const target = targets[j]!;
        if (target.level !== touched) {
          if (!this.holds(target.level, startMs)) continue;
          const rows = this.levels[target.level]!;
          touched = target.level;
          touchedPlace = rows.touch(rows.tileOf(startMs));
        }
        this.levels[touched]!.cells.merge(touchedPlace, target.slot, cells, place, slot);
        break;
      }
    }
  }

  private holds(level: number, timeMs: number): boolean {
    return this.levels[level]!.tileOf(timeMs) >= this.floors[level]!;
  }

  private add(events: ViewEvents, index: number): void {
    const { numbers } = events;
    const at = index * events.stride;
    const eventTimeMs = numbers[at + EVENT_TIME]!;
    const { input } = this;
    input.eventTimeMs = eventTimeMs;
    input.identityHigh = numbers[at + IDENTITY_HIGH]!;
    input.identityLow = numbers[at + IDENTITY_LOW]!;
    const { entries } = this.feed;
    for (let i = 0; i < entries.length; i++) {
      const { level, feeds, columns } = entries[i]!;
      if (!this.holds(level, eventTimeMs)) {
        this.addToCoarser(columns, events, index);
        continue;
      }
      const rows = this.levels[level]!;
      const place = rows.touch(rows.tileOf(eventTimeMs));
      for (let j = 0; j < feeds.length; j++) this.addToRow(rows.cells, place, feeds[j]!, events, index);
    }
    if (this.sessions.length > 0) this.addToSessions(events, index, eventTimeMs);
  }

  private addToSessions(events: ViewEvents, index: number, eventTimeMs: number): void {
    for (const [i, rows] of this.sessions.entries()) {
      const place = rows.touch(eventTimeMs, this.header.newestMs - this.plan.slackMs);
      if (place === NO_SESSION) continue;
      for (const slots of this.feed.sessions[i]!) this.addToRow(rows.cells, place, slots, events, index);
    }
  }

  private addToRow(
    cells: RowCells,
    place: number,
    slots: FeedSlots,
    events: ViewEvents,
    index: number,
  ): void {
    const value = events.numbers[index * events.stride + FIRST_FEED + slots.feed]!;
    if (Number.isNaN(value)) return;
    const { arithmetic, objects } = slots;
    if (arithmetic.length > 0) cells.addNumbers(place, arithmetic, value);
    if (objects.length === 0) return;
    const scalars = events.scalars[slots.feed]!;
    this.input.value = scalars === null ? value : scalars[index]!;
    const keys = events.keys[slots.feed]!;
    if (keys !== null) this.input.key = keys[index]!;
    cells.addObjects(place, objects, this.input);
  }

  /** Too old for the fine level: each column edits the coarse row that its share of the fine one went to. */
  private addToCoarser(columns: readonly EnteringColumn[], events: ViewEvents, index: number): void {
    const eventTimeMs = events.numbers[index * events.stride + EVENT_TIME]!;
    for (const { coarser } of columns) {
      const target = coarser.find(({ level }) => this.holds(level, eventTimeMs));
      if (target === undefined) continue;
      const rows = this.levels[target.level]!;
      this.addToRow(rows.cells, rows.touch(rows.tileOf(eventTimeMs)), target.feed, events, index);
    }
  }
}
