import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** When a process is killed: once its journal has grown by so much, and so long after. */
export interface KillMoment {
  readonly growthBytes: number;
  readonly delayMs: number;
}

/** The journal of a day with faults grows to about so much. */
const DAY_GROWTH_BYTES = 38_000_000;
/** Of a day's growth, what all the kills together may take: the rest is left for the end. */
const GROWTH_PART = 0.8;
/** How many are killed while they start. */
const STARTING_PART = 0.25;
const MAX_START_MS = 4_000;
/** Between two moments of the replay nothing is written for as long, while features are compared. */
const MAX_DELAY_MS = 1_000;
const LOOK_EVERY_MS = 3;

/** One of `kills` moments that come before the end of a day, most times. */
export function chooseKillMoment(random: () => number, kills: number): KillMoment {
  if (random() < STARTING_PART) return { growthBytes: 0, delayMs: random() * MAX_START_MS };
  const mostBytes = (2 * GROWTH_PART * DAY_GROWTH_BYTES) / kills;
  return { growthBytes: 1 + Math.floor(random() * mostBytes), delayMs: random() ** 3 * MAX_DELAY_MS };
}

/** Bytes in a folder's journals; a journal that was compacted away counts no more. */
export async function journalBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = names
    .filter((name) => name.startsWith("journal-"))
    .map(async (name) => (await stat(join(folder, name)).catch(() => ({ size: 0 }))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Waits for a moment, or for `isOver`. */
export async function waitForMoment(
  folder: string,
  { growthBytes, delayMs }: KillMoment,
  isOver: () => boolean,
): Promise<void> {
  let last = await journalBytes(folder);
  let grown = 0;
  while (grown < growthBytes && !isOver()) {
    await sleep(LOOK_EVERY_MS);
    const now = await journalBytes(folder);
    grown += Math.max(0, now - last);
    last = now;
  }
  for (const endMs = performance.now() + delayMs; performance.now() < endMs && !isOver(); ) {
    await sleep(LOOK_EVERY_MS);
  }
}
