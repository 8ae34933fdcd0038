import type { WrittenEvent } from "../workload/card-events.ts";

/** Writes of one unit each that other designs would make of the same batches. */
export interface UpdateCounts {
  /** One write a card and batch: no design that keeps a card in one item can write less. */
  cards: number;
  /** `UpdateItem ADD` for each event and tile. */
  eventTiles: number;
  /** A batch added up first, then `UpdateItem ADD` for each card and tile. */
  batchTiles: number;
}

/** The tiles that the view's windows have by default. */
const TILE_MS = [10_000, 300_000, 3_600_000] as const;

/** Counts what other designs would write of the batches that it is given. */
export function countUpdates(): { readonly counts: UpdateCounts; add(batch: readonly WrittenEvent[]): void } {
  const counts: UpdateCounts = { cards: 0, eventTiles: 0, batchTiles: 0 };
  return {
    counts,
    add(batch) {
      const cards = new Set<string>();
      const tiles = new Set<string>();
      for (const { card, text } of batch) {
        const { at } = JSON.parse(text) as { at: number };
        cards.add(card);
        for (const tileMs of TILE_MS) tiles.add(`${card} ${tileMs} ${Math.floor(at / tileMs)}`);
      }
      counts.cards += cards.size;
      counts.eventTiles += batch.length * TILE_MS.length;
      counts.batchTiles += tiles.size;
    },
  };
}
