import { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import type { SessionLevel, ViewPlan } from "../plan.ts";
import { RowCells } from "./row-cells.ts";

/** The place of an event that no session holds. */
export const NO_SESSION = -1;

/** The place of a session that still is the bytes it was read from. */
const UNTOUCHED = -1;

/** Events from `firstMs` to `lastMs`, and where their partials stand: in the cells, or in the bytes that were read. */
interface Session {
  firstMs: number;
  lastMs: number;
  place: number;
  readonly from: number;
  readonly to: number;
}

const sessionReader = new ByteReader(new Uint8Array(0));

/**
 * The sessions of one gap and maximum, by their first event, then their last (R4). A session stays as the bytes it was
 * read from until something touches it. Reused between items: {@link read} replaces what it holds.
 */
export class SessionRows {
  readonly cells: RowCells;
  private bytes: Uint8Array = new Uint8Array(0);
  private readonly sessions: Session[] = [];
  private readonly columns: number;

  constructor(
    private readonly level: SessionLevel,
    plan: ViewPlan,
  ) {
    this.cells = new RowCells(level.columns.map((column) => plan.columns[column]!.kind));
    this.columns = level.columns.length;
  }

  clear(): void {
    this.sessions.length = 0;
    this.cells.clear();
  }

  /** Whether an event would be in a session that is kept: one that it extends, or one of its own. */
  holds(timeMs: number, keptAfterMs: number): boolean {
    return timeMs + this.level.gapMs > keptAfterMs || this.earliestFor(timeMs) !== undefined;
  }

  /** Lets sessions go that end, a gap after their last event, at or before a time. */
  evict(keptAfterMs: number): void {
    for (let index = this.sessions.length - 1; index >= 0; index--) {
      if (this.sessions[index]!.lastMs + this.level.gapMs <= keptAfterMs) this.remove(index);
    }
  }

  /** Takes an event in, and answers where its session's partials stand. */
  touch(timeMs: number, keptAfterMs: number): number {
    const found = this.earliestFor(timeMs);
    if (found === undefined) return timeMs + this.level.gapMs > keptAfterMs ? this.open(timeMs) : NO_SESSION;
    const place = this.placeOf(found);
    found.firstMs = Math.min(found.firstMs, timeMs);
    found.lastMs = Math.max(found.lastMs, timeMs);
    this.sort();
    this.joinNext(found);
    return place;
  }

  /** Where a session's partials stand in {@link cells}: decoded now, unless they are there. */
  private placeOf(session: Session): number {
    if (session.place === UNTOUCHED) {
      sessionReader.seek(this.bytes, session.from, session.to);
      session.place = this.cells.decode(sessionReader, session.firstMs);
      sessionReader.expectEnd();
    }
    return session.place;
  }

  /** The earliest session within the gap of an event that stays within the maximum with it. */
  private earliestFor(timeMs: number): Session | undefined {
    const { gapMs, maxMs } = this.level;
    return this.sessions.find(
      ({ firstMs, lastMs }) =>
        timeMs > firstMs - gapMs &&
        timeMs < lastMs + gapMs &&
        Math.max(lastMs, timeMs) - Math.min(firstMs, timeMs) <= maxMs,
    );
  }

  private open(timeMs: number): number {
    // Random sequences that seek it come to three quarters of the bound; were one to pass it, the earliest would go.
    if (this.sessions.length === this.level.most) this.remove(0);
    const place = this.cells.create();
    this.sessions.push({ firstMs: timeMs, lastMs: timeMs, place, from: 0, to: 0 });
    this.sort();
    return place;
  }

  private joinNext(session: Session): void {
    const { gapMs, maxMs } = this.level;
    const index = this.sessions.indexOf(session) + 1;
    const next = this.sessions[index];
    if (next === undefined || next.firstMs - session.lastMs >= gapMs) return;
    const lastMs = Math.max(session.lastMs, next.lastMs);
    if (lastMs - session.firstMs > maxMs) return;
    const place = this.placeOf(next);
    for (let slot = 0; slot < this.columns; slot++) {
      this.cells.merge(session.place, slot, this.cells, place, slot);
    }
    session.lastMs = lastMs;
    this.remove(index);
  }

  private remove(index: number): void {
    const { place } = this.sessions[index]!;
    if (place !== UNTOUCHED) this.cells.release(place);
    this.sessions.splice(index, 1);
  }

  private sort(): void {
    this.sessions.sort((left, right) => left.firstMs - right.firstMs || left.lastMs - right.lastMs);
  }

  /** The latest session that a time is in: from its first event to before a gap after its last; undefined for none. */
  sessionAt(timeMs: number): { readonly firstMs: number; readonly place: number } | undefined {
    const session = this.sessions.findLast(
      ({ firstMs, lastMs }) => firstMs <= timeMs && timeMs < lastMs + this.level.gapMs,
    );
    return session === undefined ? undefined : { firstMs: session.firstMs, place: this.placeOf(session) };
  }

  /**
   * Count; for each session how far its first event is after that of the one before (of the first session: before the
   * newest event), how long it is, and its partials after their length in bytes. So a newest event that moves on
   * lengthens one number.
   */
  write(writer: ByteWriter, newestMs: number): void {
    writer.varint(this.sessions.length);
    let beforeMs: number | null = null;
    for (const { firstMs, lastMs, place, from, to } of this.sessions) {
      writer.varint(beforeMs === null ? newestMs - firstMs : firstMs - beforeMs);
      writer.varint(lastMs - firstMs);
      beforeMs = firstMs;
      if (place === UNTOUCHED) {
        writer.varint(to - from);
        writer.raw(this.bytes, from, to);
      } else {
        const body = writer.beginSection();
        this.cells.encode(writer, place, firstMs);
        writer.endSection(body);
      }
    }
  }

  read(reader: ByteReader, newestMs: number): void {
    this.clear();
    this.bytes = reader.bytes;
    const count = reader.varint();
    let firstMs = newestMs;
    for (let index = 0; index < count; index++) {
      const awayMs = reader.varint();
      firstMs = index === 0 ? newestMs - awayMs : firstMs + awayMs;
      const lastMs = firstMs + reader.varint();
      const length = reader.varint();
      const from = reader.offset;
      reader.skip(length);
      this.sessions.push({ firstMs, lastMs, place: UNTOUCHED, from, to: reader.offset });
    }
  }
}
