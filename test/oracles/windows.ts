import type { Window } from "../../lib/define/window.ts";

/**
 * Whether an event that has been folded counts in a window at an as-of time, by the words of R4. The head is the whole
 * tile that holds the as-of time.
 */
export function inWindow(window: Window, eventTimeMs: number, asOfMs: number): boolean {
  if (window.kind === "lifetime") return true;
  const { widthMs, hopMs } = window;
  const headEndMs = Math.floor(asOfMs / hopMs) * hopMs + hopMs;
  if (window.kind === "sliding") {
    const startMs = Math.floor((asOfMs - widthMs) / hopMs) * hopMs;
    return eventTimeMs >= startMs && eventTimeMs < headEndMs;
  }
  const currentStartMs = Math.floor(asOfMs / widthMs) * widthMs;
  if (window.which === "current") return eventTimeMs >= currentStartMs && eventTimeMs < headEndMs;
  return eventTimeMs >= currentStartMs - widthMs && eventTimeMs < currentStartMs;
}
