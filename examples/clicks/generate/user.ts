import { MINUTE_MS, SECOND_MS, type TimeRange } from "../times.ts";

/** Readers make visits with pauses between; crawlers fetch page after page, at about 50 a minute. */
export type UserKind = "reader" | "crawler";

/** Someone who clicks. */
export interface User {
  readonly name: string;
  readonly index: number;
  readonly kind: UserKind;
  /** Mean pause between two visits, beyond the least. */
  readonly pauseMs: number;
}

const CRAWLER_EVERY = 50;

/**
 * No two visits of a user are nearer than this, so that they are two sessions; a reader's visit is no longer than its
 * most, so that it is one. A crawler's may be longer than a session can get.
 */
const LEAST_PAUSE_MS = 4 * MINUTE_MS;
const VISIT_MS = {
  reader: { least: 10 * SECOND_MS, most: 8 * MINUTE_MS },
  crawler: { least: 5 * MINUTE_MS, most: 22 * MINUTE_MS },
} as const;
const INTERVAL_MS = {
  reader: { least: 300, mean: 12 * SECOND_MS },
  crawler: { least: 400, mean: 800 },
} as const;

const CRAWLER_PAUSE_MS = 2 * MINUTE_MS;
const SHORTEST_PAUSE_MS = 2 * MINUTE_MS;
const LONGEST_PAUSE_MS = 40 * MINUTE_MS;

/** Users of very different activity: the first readers are back in minutes, the last hardly come twice an hour. */
export function usersOf(count: number): readonly User[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = index % CRAWLER_EVERY === 0 ? "crawler" : "reader";
    const pauseMs =
      kind === "crawler"
        ? CRAWLER_PAUSE_MS
        : SHORTEST_PAUSE_MS + ((LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS) * index) / count;
    return { name: `u${String(index).padStart(4, "0")}`, index, kind, pauseMs };
  });
}

/** When a user clicks in a range: whole milliseconds, ascending. */
export function clickTimes(user: User, range: TimeRange, random: () => number): readonly number[] {
  const { kind, pauseMs } = user;
  const visit = VISIT_MS[kind];
  const interval = INTERVAL_MS[kind];
  const times: number[] = [];
  let timeMs = range.fromMs + Math.floor(random() * pauseMs);
  while (timeMs < range.endMs) {
    const visitEndMs = timeMs + visit.least + random() * (visit.most - visit.least);
    while (timeMs < visitEndMs && timeMs < range.endMs) {
      times.push(timeMs);
      timeMs += interval.least + exponential(random, interval.mean);
    }
    timeMs += LEAST_PAUSE_MS + exponential(random, pauseMs);
  }
  return times;
}

function exponential(random: () => number, mean: number): number {
  return Math.floor(-Math.log(1 - random()) * mean);
}
