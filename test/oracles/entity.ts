import type { View } from "../../lib/define/types.ts";
import { isTiled, type TiledWindow, type Window } from "../../lib/define/window.ts";
import { OracleSessions } from "./sessions.ts";
import { inWindow } from "./windows.ts";

/** A record as the oracle sees it: no decoding, no hashes, no tiles. */
export interface OracleRecord {
  readonly row: Readonly<Record<string, unknown>>;
  readonly eventTimeMs: number;
  readonly arrivalMs: number;
  /** Undefined: the source names no event id. */
  readonly id: string | undefined;
  /** The 64-bit hash that breaks ties of event time (R6). */
  readonly identity?: bigint;
}

export type OracleOutcome = "folded" | "duplicate" | "late" | "excluded";

/** One entity's history, by the words of R3, R5, R12 and R15 and nothing else. */
export interface OracleEntity {
  readonly outcomes: readonly OracleOutcome[];
  /** What counts for windows: folded and not cleared by an expiry. */
  readonly events: readonly OracleRecord[];
  /** One for each gap and maximum of the view's session windows. */
  readonly sessions: readonly OracleSessions[];
  readonly newestMs: number | null;
  /** The as-of time after which the item reads as never seen; null: it never expires. */
  readonly expiresAtMs: number | null;
}

/** What a ring holds beyond the window's width (R5): as much again for tumbling, the slide for hopping. */
function furtherSpanMs(window: TiledWindow): number {
  if (window.kind === "tumbling") return window.widthMs;
  return window.kind === "hopping" ? window.slideMs : 0;
}

/** Runs records of one entity and writer in sequence order. */
export function runEntity(view: View, records: readonly OracleRecord[]): OracleEntity {
  const { source, dedup } = view;
  const slackMs = source.maxFutureSkewMs + view.allowedLatenessMs + source.clockSkewMs;
  // The longest ring of one hop keeps rows for all windows of that hop.
  const longestOfHop = new Map<number, number>();
  for (const { window } of view.features) {
    if (!isTiled(window)) continue;
    const spanMs = window.widthMs + furtherSpanMs(window);
    longestOfHop.set(window.hopMs, Math.max(longestOfHop.get(window.hopMs) ?? 0, spanMs));
  }
  const rings = [...longestOfHop].map(([hopMs, spanMs]) => ({ hopMs, spanMs }));
  const sessions: OracleSessions[] = [];
  for (const { window } of view.features) {
    if (window.kind !== "session") continue;
    const isKnown = sessions.some(
      (each) => each.window.gapMs === window.gapMs && each.window.maxMs === window.maxMs,
    );
    if (!isKnown) sessions.push(new OracleSessions(window));
  }
  const lifetime = view.features.some(({ window }) => window.kind === "lifetime");
  // The tail of a window moves by whole hops, so it reaches back up to a hop further than its span.
  const longestReachMs = Math.max(
    0,
    ...rings.map((ring) => ring.spanMs + ring.hopMs),
    ...sessions.map(({ window }) => window.gapMs),
  );
  const expiryMs = lifetime
    ? null
    : Math.max(longestReachMs + slackMs, source.eventId === null ? 0 : dedup.horizonMs);

  let events: OracleRecord[] = [];
  let ids: { id: string; arrivalMs: number }[] = [];
  let newestMs: number | null = null;
  let lastArrivalMs: number | null = null;
  const expiresAtMs = () =>
    expiryMs === null || lastArrivalMs === null
      ? null
      : Math.max(newestMs ?? lastArrivalMs, lastArrivalMs) + expiryMs;

  const outcomes = records.map((record): OracleOutcome => {
    const expires = expiresAtMs();
    if (expires !== null && record.arrivalMs > expires) {
      events = [];
      ids = [];
      newestMs = null;
      lastArrivalMs = null;
      for (const each of sessions) each.clear();
    }
    lastArrivalMs = Math.max(lastArrivalMs ?? record.arrivalMs, record.arrivalMs);
    const { id } = record;
    if (id !== undefined) {
      const oldestMs = record.arrivalMs - dedup.horizonMs;
      while (ids.length > 0 && ids[0]!.arrivalMs < oldestMs) ids.shift();
      if (ids.some((seen) => seen.id === id && seen.arrivalMs >= oldestMs)) return "duplicate";
      ids.push({ id, arrivalMs: record.arrivalMs });
      if (ids.length > dedup.count) ids.shift();
    }
    const { where } = view;
    if (where !== null && where.kind === "function" && !where.test(record.row)) return "excluded";
    const newest = newestMs;
    const held =
      lifetime ||
      newest === null ||
      record.eventTimeMs > newest ||
      sessions.some((each) => each.holds(record.eventTimeMs, newest, slackMs)) ||
      rings.some(({ hopMs, spanMs: longest }) => {
        const oldestTileMs = Math.floor((newest - longest - slackMs) / hopMs) * hopMs;
        return Math.floor(record.eventTimeMs / hopMs) * hopMs >= oldestTileMs;
      });
    if (!held) return "late";
    newestMs = Math.max(newest ?? record.eventTimeMs, record.eventTimeMs);
    events.push(record);
    for (const each of sessions) each.add(record, newestMs, slackMs);
    return "folded";
  });
  return { outcomes, events, sessions, newestMs, expiresAtMs: expiresAtMs() };
}

/** The events that a window holds at an as-of time, in the order they were folded. */
export function eventsIn(
  window: Window,
  { events, sessions }: Pick<OracleEntity, "events" | "sessions">,
  asOfMs: number,
): readonly OracleRecord[] {
  if (window.kind !== "session") return events.filter((event) => inWindow(window, event.eventTimeMs, asOfMs));
  const { gapMs, maxMs } = window;
  return sessions.find((each) => each.window.gapMs === gapMs && each.window.maxMs === maxMs)!.at(asOfMs);
}
