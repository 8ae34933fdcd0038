import type { Window } from "../../lib/define/window.ts";

/** The time that a window covers at an as-of time, by the words of R4: from `startMs` to before `endMs`. */
export interface Covered {
  readonly startMs: number;
  readonly endMs: number;
}

/** The head is the whole tile that holds the as-of time; a lifetime has no ends. */
export function covered(window: Window, asOfMs: number): Covered {
  if (window.kind === "lifetime")
    return { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };
  if (window.kind === "session")
    throw new Error("what a session covers is known from its events: see sessions.ts");
  const { widthMs, hopMs } = window;
  const headEndMs = Math.floor(asOfMs / hopMs) * hopMs + hopMs;
  if (window.kind === "sliding") {
    return { startMs: Math.floor((asOfMs - widthMs) / hopMs) * hopMs, endMs: headEndMs };
  }
  if (window.kind === "hopping") {
    // The last end that is not after the as-of time, counted from the epoch.
    let endMs = asOfMs - (asOfMs % window.slideMs);
    if (endMs > asOfMs) endMs -= window.slideMs;
    return { startMs: endMs - widthMs, endMs };
  }
  const currentStartMs = Math.floor(asOfMs / widthMs) * widthMs;
  if (window.which === "current") return { startMs: currentStartMs, endMs: headEndMs };
  return { startMs: currentStartMs - widthMs, endMs: currentStartMs };
}

/** Whether an event that has been folded counts in a window at an as-of time. */
export function inWindow(window: Window, eventTimeMs: number, asOfMs: number): boolean {
  const { startMs, endMs } = covered(window, asOfMs);
  return eventTimeMs >= startMs && eventTimeMs < endMs;
}
