import type { FoldBatch } from "./batches.ts";

/** The tile lengths that the peers use for 5m, 1h and 24h: longer than the view's own, so that there are fewer. */
const WINDOWS = [
  { windowMs: 300_000, tileMs: 60_000 },
  { windowMs: 3_600_000, tileMs: 300_000 },
  { windowMs: 86_400_000, tileMs: 3_600_000 },
] as const;

const SWEEP_MS = 300_000;

/** One tile of eight features. Distinct values are counted exactly, by a set. */
class PlainTile {
  sum = 0;
  count = 0;
  max = Number.NEGATIVE_INFINITY;
  min = Number.POSITIVE_INFINITY;
  last = 0;
  lastAt = 0;
  inX = 0;
  readonly merchants = new Set<string>();

  add(amount: number, at: number, merchant: string, category: string): void {
    this.sum += amount;
    this.count++;
    if (amount > this.max) this.max = amount;
    if (amount < this.min) this.min = amount;
    if (at >= this.lastAt) {
      this.last = amount;
      this.lastAt = at;
    }
    if (category === "x") this.inX++;
    this.merchants.add(merchant);
  }
}

interface PlainEntity {
  readonly windows: readonly Map<number, PlainTile>[];
  sweptAt: number;
}

/**
 * The fold that one writes by hand: parsed events go to objects in nested Maps. It checks nothing, knows no duplicates,
 * no late events and no positions, and what it holds is neither bytes nor bounded by anything but time.
 */
export function createPlainFold(): (batch: FoldBatch) => void {
  const entities = new Map<string, PlainEntity>();
  return ({ records }) => {
    for (const { base64 } of records) {
      let event: { card: string; amount: number; at: number; merchant: string; category: string };
      try {
        event = JSON.parse(Buffer.from(base64, "base64").toString("utf8"));
      } catch {
        continue;
      }
      const { card, amount, at, merchant, category } = event;
      let entity = entities.get(card);
      if (entity === undefined) {
        entity = { windows: WINDOWS.map(() => new Map()), sweptAt: at };
        entities.set(card, entity);
      }
      for (let index = 0; index < WINDOWS.length; index++) {
        const tiles = entity.windows[index]!;
        const start = at - (at % WINDOWS[index]!.tileMs);
        let tile = tiles.get(start);
        if (tile === undefined) {
          tile = new PlainTile();
          tiles.set(start, tile);
        }
        tile.add(amount, at, merchant, category);
      }
      if (at - entity.sweptAt > SWEEP_MS) sweep(entity, at);
    }
  };
}

function sweep(entity: PlainEntity, at: number): void {
  entity.sweptAt = at;
  for (const [index, { windowMs, tileMs }] of WINDOWS.entries()) {
    const tiles = entity.windows[index]!;
    for (const start of tiles.keys()) if (start < at - windowMs - tileMs) tiles.delete(start);
  }
}
