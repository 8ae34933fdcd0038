/**
 * A window (R4), aligned to the Unix epoch in UTC. All lengths are milliseconds.
 *
 * - `sliding`: `[floor((q - widthMs) / hopMs) * hopMs, q)`; the head is the tile that holds q.
 * - `tumbling`: the current window `[floor(q / widthMs) * widthMs, q)` or the last closed one before it,
 *   over tiles of `hopMs`, which divides `widthMs`.
 * - `hopping`: the last closed `[end - widthMs, end)`, `end` being `floor(q / slideMs) * slideMs`, over tiles of
 *   `hopMs`, which divides both.
 * - `session`: events that follow one another by less than `gapMs`, up to a length of `maxMs`: the latest session with
 *   first <= q < last + gapMs. Kept as a run of sessions, not in tiles.
 * - `lifetime`: everything folded.
 */
export type Window =
  | { readonly kind: "sliding"; readonly widthMs: number; readonly hopMs: number }
  | {
      readonly kind: "tumbling";
      readonly widthMs: number;
      readonly hopMs: number;
      readonly which: "current" | "closed";
    }
  | {
      readonly kind: "hopping";
      readonly widthMs: number;
      readonly slideMs: number;
      readonly hopMs: number;
    }
  | { readonly kind: "session"; readonly gapMs: number; readonly maxMs: number }
  | { readonly kind: "lifetime" };

/** A window that is read from tiles of a hop. */
export type TiledWindow = Extract<Window, { readonly hopMs: number }>;

/** Whether a window is read from tiles of a hop; lifetimes and sessions are not. */
export function isTiled(window: Window): window is TiledWindow {
  return "hopMs" in window;
}

/** Hops that need no setting, longest first: 1d, 6h, 1h, 5m, 1m, 10s, 1s. Each divides the one before it. */
export const STANDARD_HOPS_MS = [86_400_000, 21_600_000, 3_600_000, 300_000, 60_000, 10_000, 1_000] as const;

/** The default hop of a sliding window: the longest standard hop that is at most a twelfth of it, at least 1s. */
export function defaultSlidingHopMs(widthMs: number): number {
  return STANDARD_HOPS_MS.find((hop) => hop <= widthMs / 12) ?? 1_000;
}

/** The tile length of a tumbling window: the longest standard hop that divides it. */
export function tumblingTileMs(widthMs: number): number {
  return STANDARD_HOPS_MS.find((hop) => widthMs % hop === 0) ?? 1_000;
}

/** The tile length of a hopping window: the longest standard hop that divides its width and its slide. */
export function hoppingTileMs(widthMs: number, slideMs: number): number {
  return STANDARD_HOPS_MS.find((hop) => widthMs % hop === 0 && slideMs % hop === 0) ?? 1_000;
}

/** How much event time a ring must hold for a window: `W`, `2W` for tumbling, `W` and the slide for hopping (R5). */
export function windowSpanMs(window: TiledWindow): number {
  switch (window.kind) {
    case "sliding":
      return window.widthMs;
    case "tumbling":
      return 2 * window.widthMs;
    case "hopping":
      return window.widthMs + window.slideMs;
  }
}

/**
 * The most sessions of one gap that an item keeps. They end after newest - slack, and no more than two of them begin
 * within a gap: a third event would extend one, or be as far from it as the maximum, which is no shorter than the gap.
 */
export function mostSessions(gapMs: number, slackMs: number): number {
  return 2 * (Math.ceil((slackMs + gapMs) / gapMs) + 1);
}
