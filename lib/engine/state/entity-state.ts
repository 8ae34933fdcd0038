import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { compileWhere, type Row } from "../expression.ts";
import type { ViewPlan } from "../plan.ts";
import type { SourceEvent } from "../record.ts";
import { type AgingColumn, addToColumns, ColumnFeed, type Feed } from "./column-feed.ts";
import { DedupRing } from "./dedup-ring.ts";
import {
  expiresAtMs,
  type ImageHeader,
  type ItemCounts,
  readHeader,
  writeHeader,
  zeroCounts,
} from "./image-header.ts";
import { LevelRows } from "./level-rows.ts";
import type { RowCells } from "./row-cells.ts";

/** What one event did to an item's state. */
export type StateOutcome = "folded" | "duplicate" | "late" | "excluded";

/** No level holds this tile: what the ring's floor is before the first event. */
const NO_FLOOR = Number.NEGATIVE_INFINITY;

/**
 * The state of one item while events fold into it: header, dedup ring, and the rows of each level.
 * One object a view serves all its items in turn: {@link open} replaces what it holds.
 */
export class EntityState {
  private header: ImageHeader = { newestMs: null, lastArrivalMs: 0, counts: zeroCounts() };
  private readonly ring: DedupRing;
  private readonly levels: readonly LevelRows[];
  /** The first tile that each level's ring still holds (R5). */
  private readonly floors: number[];
  private readonly feed: ColumnFeed;
  private readonly belongs: ((row: Row) => boolean) | null;
  private readonly reader = new ByteReader(new Uint8Array(0));
  private readonly writer = new ByteWriter(4096);
  private blank = true;
  /** Rows that aged out since the state was opened. */
  agedRows = 0;

  constructor(private readonly plan: ViewPlan) {
    this.ring = new DedupRing(plan.view.dedup);
    this.levels = plan.levels.map((level) => new LevelRows(level, plan));
    this.floors = plan.levels.map(() => NO_FLOOR);
    this.feed = new ColumnFeed(plan);
    this.belongs = plan.view.where === null ? null : compileWhere(plan.view.where);
  }

  get counts(): Readonly<ItemCounts> {
    return this.header.counts;
  }

  get expiresAtMs(): number | null {
    return expiresAtMs(this.header, this.plan.expiryMs);
  }

  clear(): void {
    this.blank = true;
    this.header.newestMs = null;
    this.header.lastArrivalMs = 0;
    this.header.counts = zeroCounts();
    this.ring.clear();
    for (const rows of this.levels) rows.clear();
    this.floors.fill(NO_FLOOR);
  }

  open(image: Uint8Array | undefined): void {
    if (image === undefined) {
      this.clear();
      return;
    }
    const reader = this.reader.seek(image, 0, image.length);
    this.header = readHeader(reader);
    this.blank = false;
    this.ring.read(reader);
    this.ring.overflow = this.header.counts.dedupOverflow;
    const { newestMs } = this.header;
    for (const rows of this.levels) rows.read(reader, newestMs === null ? 0 : rows.tileOf(newestMs));
    reader.expectEnd();
    if (newestMs !== null) this.raiseFloors(newestMs);
  }

  encode(): Uint8Array {
    const { writer, header } = this;
    writer.reset();
    header.counts.dedupOverflow = this.ring.overflow;
    writeHeader(writer, header);
    this.ring.write(writer);
    const { newestMs } = header;
    for (const rows of this.levels) rows.write(writer, newestMs === null ? 0 : rows.tileOf(newestMs));
    return writer.toBytes();
  }

  /** True when a record of this arrival finds the item expired, so that everything but the position restarts (R15). */
  isExpiredAt(arrivalMs: number): boolean {
    if (this.blank) return false;
    const expires = this.expiresAtMs;
    return expires !== null && arrivalMs > expires;
  }

  /** Folds one event: dedup (R3), the view's own filter (R12), lateness and eviction (R5), then its columns. */
  fold(event: SourceEvent): StateOutcome {
    const { header, ring } = this;
    const { counts } = header;
    header.lastArrivalMs = this.blank ? event.arrivalMs : Math.max(header.lastArrivalMs, event.arrivalMs);
    this.blank = false;
    if (event.hasEventId) {
      ring.expire(event.arrivalMs);
      if (ring.has(event.identityHigh, event.identityLow, event.arrivalMs)) {
        counts.duplicate++;
        return "duplicate";
      }
      ring.add(event.identityHigh, event.identityLow, event.arrivalMs);
    }
    if (this.belongs !== null && !this.belongs(event.row)) {
      counts.excluded++;
      return "excluded";
    }
    if (!this.advance(event.eventTimeMs)) {
      counts.late++;
      return "late";
    }
    counts.folded++;
    this.add(event);
    return "folded";
  }

  /** Moves the newest event on and evicts; false when the event is older than every ring. */
  private advance(eventTimeMs: number): boolean {
    const { newestMs } = this.header;
    if (newestMs === null || eventTimeMs > newestMs) {
      this.header.newestMs = eventTimeMs;
      this.raiseFloors(eventTimeMs);
      this.evict();
      return true;
    }
    const { levels, floors } = this;
    for (let level = 0; level < levels.length; level++) {
      if (levels[level]!.tileOf(eventTimeMs) >= floors[level]!) return true;
    }
    return false;
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

  private add(event: SourceEvent): void {
    const { eventTimeMs } = event;
    const { entries } = this.feed;
    for (let i = 0; i < entries.length; i++) {
      const { level, feeds } = entries[i]!;
      if (!this.holds(level, eventTimeMs)) {
        this.addToCoarser(level, feeds, event);
        continue;
      }
      const rows = this.levels[level]!;
      const place = rows.touch(rows.tileOf(eventTimeMs));
      for (let j = 0; j < feeds.length; j++) {
        const feed = feeds[j]!;
        addToColumns(feed, event, rows.cells, place, feed.slots);
      }
    }
  }

  /** Too old for the fine level: each column edits the coarse row that its share of the fine one went to. */
  private addToCoarser(level: number, feeds: readonly Feed[], event: SourceEvent): void {
    for (const feed of feeds) {
      for (const column of feed.columns) {
        const coarser = this.plan.columns[column]!.levels.find(
          (other) => other > level && this.holds(other, event.eventTimeMs),
        );
        if (coarser === undefined) continue;
        const rows = this.levels[coarser]!;
        const place = rows.touch(rows.tileOf(event.eventTimeMs));
        addToColumns(feed, event, rows.cells, place, [this.feed.slotOf(coarser, column)]);
      }
    }
  }
}
