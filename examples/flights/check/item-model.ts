import { MINUTE_MS } from "../flights.ts";

/** What becomes of a record in one item. */
export type ItemVerdict = "folded" | "duplicate" | "late";

export interface ItemCounts {
  readonly folded: number;
  readonly duplicate: number;
  readonly late: number;
}

/** A length of tile and the longest window over it. */
export interface ModelLevel {
  readonly hopMs: number;
  readonly widthMs: number;
}

/** An item by the rules alone, by brute force: which of its events it knows again, and which it can no longer hold. */
export interface ItemModel {
  /** In the order of delivery. An event arrives at its own time, as the sources declare. */
  deliver(event: { readonly id: number; readonly timeMs: number }): ItemVerdict;
  /** Since the item was new, or last expired. */
  readonly held: ItemCounts;
  /** All of it. */
  readonly total: ItemCounts;
}

/** Records may be dated ahead by so much, and as long stay tiles that nothing needs. */
const SLACK_MS = 5 * MINUTE_MS;
/** Ids are known again within a day, the last 128 of them. */
const REMEMBERED_MS = 24 * 60 * MINUTE_MS;
const REMEMBERED_IDS = 128;

/** @param levels - Each length of tile that the view's windows slide by. */
export function modelItem(levels: readonly ModelLevel[]): ItemModel {
  const longestMs = Math.max(...levels.map(({ hopMs, widthMs }) => widthMs + hopMs)) + SLACK_MS;
  const expiryMs = Math.max(longestMs, REMEMBERED_MS);
  const held = { folded: 0, duplicate: 0, late: 0 };
  const total = { folded: 0, duplicate: 0, late: 0 };
  let seen: { readonly id: number; readonly arrivedMs: number }[] = [];
  let newestMs: number | null = null;
  let lastArrivedMs: number | null = null;

  const verdict = (id: number, timeMs: number): ItemVerdict => {
    while (seen.length > 0 && seen[0]!.arrivedMs < timeMs - REMEMBERED_MS) seen.shift();
    if (seen.some((other) => other.id === id && other.arrivedMs >= timeMs - REMEMBERED_MS))
      return "duplicate";
    if (seen.length === REMEMBERED_IDS) seen.shift();
    seen.push({ id, arrivedMs: timeMs });
    if (newestMs !== null && timeMs <= newestMs && !levels.some((level) => holds(level, newestMs!, timeMs))) {
      return "late";
    }
    newestMs = Math.max(newestMs ?? timeMs, timeMs);
    return "folded";
  };

  return {
    deliver: ({ id, timeMs }) => {
      if (lastArrivedMs !== null && timeMs > Math.max(newestMs ?? lastArrivedMs, lastArrivedMs) + expiryMs) {
        seen = [];
        newestMs = null;
        lastArrivedMs = null;
        Object.assign(held, { folded: 0, duplicate: 0, late: 0 });
      }
      lastArrivedMs = Math.max(lastArrivedMs ?? timeMs, timeMs);
      const reached = verdict(id, timeMs);
      held[reached] += 1;
      total[reached] += 1;
      return reached;
    },
    held,
    total,
  };
}

/** Whether tiles are still kept that an event belongs to, once the newest event of the item is known. */
function holds({ hopMs, widthMs }: ModelLevel, newestMs: number, timeMs: number): boolean {
  return Math.floor(timeMs / hopMs) * hopMs >= Math.floor((newestMs - widthMs - SLACK_MS) / hopMs) * hopMs;
}
