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
 * The sessions of one gap and maximum, by their first event (R4). A session stays as the bytes it was read from until
 * something touches it. Reused between items: {@link read} replaces what it holds.
 *
 * Neighbours are a gap apart, or together longer than the maximum: an event opens a session, or moves one's end, only
 * where that stays so, else the two are joined. So the last events are in the order of the first ones, no session is
 * within another, and each is found by bisection.
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
    const { sessions } = this;
    let ended = 0;
    while (ended < sessions.length && sessions[ended]!.lastMs + this.level.gapMs <= keptAfterMs) ended++;
    if (ended > 0) this.remove(0, ended);
  }

  /** Takes an event in, and answers where its session's partials stand. */
  touch(timeMs: number, keptAfterMs: number): number {
    const index = this.earliestFor(timeMs);
    if (index === undefined) return timeMs + this.level.gapMs > keptAfterMs ? this.open(timeMs) : NO_SESSION;
    const session = this.sessions[index]!;
    const place = this.placeOf(session);
    session.firstMs = Math.min(session.firstMs, timeMs);
    session.lastMs = Math.max(session.lastMs, timeMs);
    this.joinNext(index);
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

  /** Where the earliest session is that is within the gap of an event and stays within the maximum with it. */
  private earliestFor(timeMs: number): number | undefined {
    const { gapMs, maxMs } = this.level;
    const { sessions } = this;
    let index = this.firstAfter("lastMs", timeMs - gapMs);
    for (; index < sessions.length; index++) {
      const { firstMs, lastMs } = sessions[index]!;
      if (firstMs - gapMs >= timeMs) return undefined;
      if (Math.max(lastMs, timeMs) - Math.min(firstMs, timeMs) <= maxMs) return index;
    }
    return undefined;
  }

  /** Where the first session is whose first or last event is after a time; past the end for none. */
  private firstAfter(end: "firstMs" | "lastMs", timeMs: number): number {
    const { sessions } = this;
    let low = 0;
    let high = sessions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sessions[middle]![end] > timeMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private open(timeMs: number): number {
    // Random sequences that seek it come to three quarters of the bound; were one to pass it, the earliest would go.
    if (this.sessions.length === this.level.most) this.remove(0, 1);
    const place = this.cells.create();
    const opened = { firstMs: timeMs, lastMs: timeMs, place, from: 0, to: 0 };
    this.sessions.splice(this.firstAfter("firstMs", timeMs), 0, opened);
    return place;
  }

  private joinNext(index: number): void {
    const { gapMs, maxMs } = this.level;
    const session = this.sessions[index]!;
    const next = this.sessions[index + 1];
    if (next === undefined || next.firstMs - session.lastMs >= gapMs) return;
    if (next.lastMs - session.firstMs > maxMs) return;
    const place = this.placeOf(next);
    for (let slot = 0; slot < this.columns; slot++) {
      this.cells.merge(session.place, slot, this.cells, place, slot);
    }
    session.lastMs = next.lastMs;
    this.remove(index + 1, 1);
  }

  private remove(from: number, count: number): void {
    for (const { place } of this.sessions.splice(from, count)) {
      if (place !== UNTOUCHED) this.cells.release(place);
    }
  }

  /** The latest session that a time is in: from its first event to before a gap after its last; undefined for none. */
  sessionAt(timeMs: number): { readonly firstMs: number; readonly place: number } | undefined {
    const session = this.sessions[this.firstAfter("firstMs", timeMs) - 1];
    if (session === undefined || timeMs >= session.lastMs + this.level.gapMs) return undefined;
    return { firstMs: session.firstMs, place: this.placeOf(session) };
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
