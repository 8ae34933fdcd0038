import { formatDuration } from "./duration.ts";
import { refuse } from "./refuse.ts";
import type { View } from "./types.ts";
import { isTiled, mostSessions, windowSpanMs } from "./window.ts";

const DAY_MS = 86_400_000;

/** The most rows that one ring of tiles may keep. */
export const MAX_RING_ROWS = 5_000;

/**
 * Checks that a view's tiles form a chain (R4) and that its rings and sessions stay bounded.
 *
 * @throws FreshetError `DEFINITION_INVALID`
 */
export function checkHops(place: string, view: View): void {
  const slackMs = view.source.maxFutureSkewMs + view.allowedLatenessMs + view.source.clockSkewMs;
  const firstUse = new Map<number, string>();
  const sessionWindows = new Map<string, { readonly name: string; readonly sessions: number }>();
  for (const { name, window } of view.features) {
    if (window.kind === "session") {
      const sessions = mostSessions(window.gapMs, slackMs);
      if (sessions > MAX_RING_ROWS) {
        refuse(
          place,
          `feature "${name}" would keep ${sessions} sessions; at most ${MAX_RING_ROWS} are allowed. Set a longer gap or a shorter allowedLateness.`,
        );
      }
      const key = `${window.gapMs}/${window.maxMs}`;
      if (!sessionWindows.has(key)) sessionWindows.set(key, { name, sessions });
    }
    if (!isTiled(window)) continue;
    const { hopMs } = window;
    if (!firstUse.has(hopMs)) firstUse.set(hopMs, name);
    if (DAY_MS % hopMs !== 0) {
      refuse(place, `feature "${name}" has a hop of ${formatDuration(hopMs)}; a hop must divide 1d.`);
    }
    const rows = Math.ceil((windowSpanMs(window) + slackMs) / hopMs) + 2;
    if (rows > MAX_RING_ROWS) {
      refuse(
        place,
        `feature "${name}" would keep ${rows} tiles of ${formatDuration(hopMs)}; at most ${MAX_RING_ROWS} are allowed. Set a longer hop or a shorter window or allowedLateness.`,
      );
    }
  }
  const kept = [...sessionWindows.values()];
  const total = kept.reduce((sum, { sessions }) => sum + sessions, 0);
  if (total > MAX_RING_ROWS) {
    const each = kept.map(({ name, sessions }) => `${sessions} for "${name}"`).join(", ");
    refuse(
      place,
      `its session windows would keep ${total} sessions in all (${each}); at most ${MAX_RING_ROWS} are allowed. Set longer gaps, fewer session windows or a shorter allowedLateness.`,
    );
  }
  const hops = [...firstUse].sort(([left], [right]) => left - right);
  for (const [index, [hopMs, name]] of hops.entries()) {
    const next = hops[index + 1];
    if (next === undefined || next[0] % hopMs === 0) continue;
    refuse(
      place,
      `the hop ${formatDuration(hopMs)} of feature "${name}" does not divide the hop ${formatDuration(next[0])} of feature "${next[1]}"; each hop of a view must divide the next longer one.`,
    );
  }
}
