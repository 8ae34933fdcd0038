import type { Window } from "../../lib/define/window.ts";
import type { OracleRecord } from "./entity.ts";

export type SessionWindow = Extract<Window, { kind: "session" }>;

/** Records that were folded into one session, in their order. */
export type OracleSession = readonly OracleRecord[];

const firstOf = (session: OracleSession) => Math.min(...session.map((each) => each.eventTimeMs));
const lastOf = (session: OracleSession) => Math.max(...session.map((each) => each.eventTimeMs));

function inOrder(sessions: readonly OracleSession[]): OracleSession[] {
  return [...sessions].sort((left, right) => firstOf(left) - firstOf(right) || lastOf(left) - lastOf(right));
}

/** The sessions of one gap and maximum, by the words of R4: an event at a time, every session from its events alone. */
export class OracleSessions {
  private sessions: readonly OracleSession[] = [];
  /** The most that were kept at once. */
  most = 0;

  constructor(readonly window: SessionWindow) {}

  /** The earliest session within the gap of a time whose length with it stays within the maximum. */
  private earliestFor(timeMs: number): OracleSession | undefined {
    const { gapMs, maxMs } = this.window;
    return inOrder(this.sessions).find((session) => {
      const times = [timeMs, firstOf(session), lastOf(session)];
      const isNear = timeMs < lastOf(session) + gapMs && timeMs > firstOf(session) - gapMs;
      return isNear && Math.max(...times) - Math.min(...times) <= maxMs;
    });
  }

  holds(timeMs: number, newestMs: number, slackMs: number): boolean {
    return timeMs + this.window.gapMs > newestMs - slackMs || this.earliestFor(timeMs) !== undefined;
  }

  /** Takes a record in, once sessions that `newestMs` (this record's or an earlier one's) leaves behind are gone. */
  add(record: OracleRecord, newestMs: number, slackMs: number): void {
    const { gapMs, maxMs } = this.window;
    this.sessions = this.sessions.filter((session) => lastOf(session) + gapMs > newestMs - slackMs);
    if (!this.holds(record.eventTimeMs, newestMs, slackMs)) return;
    const found = this.earliestFor(record.eventTimeMs);
    if (found === undefined) this.sessions = [...this.sessions, [record]];
    else {
      const extended = [...found, record];
      const others = this.sessions.filter((session) => session !== found);
      const all = inOrder([...others, extended]);
      const next = all[all.indexOf(extended) + 1];
      const fits =
        next !== undefined &&
        firstOf(next) - lastOf(extended) < gapMs &&
        Math.max(lastOf(next), lastOf(extended)) - firstOf(extended) <= maxMs;
      this.sessions = fits
        ? [...others.filter((session) => session !== next), [...extended, ...next]]
        : [...others, extended];
    }
    this.most = Math.max(this.most, this.sessions.length);
  }

  clear(): void {
    this.sessions = [];
  }

  /** The latest session with first <= q < last + gap; empty for none. */
  at(asOfMs: number): OracleSession {
    const open = inOrder(this.sessions).filter(
      (session) => firstOf(session) <= asOfMs && asOfMs < lastOf(session) + this.window.gapMs,
    );
    return open.at(-1) ?? [];
  }
}
