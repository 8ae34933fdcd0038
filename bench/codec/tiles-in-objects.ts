import { createHash } from "node:crypto";

/** Tile lengths of the view's windows: 5m, 1h and 24h by their default hops. */
const LEVELS = [
  { windowMs: 300_000, hopMs: 10_000 },
  { windowMs: 3_600_000, hopMs: 300_000 },
  { windowMs: 86_400_000, hopMs: 3_600_000 },
] as const;

/** As many ids as a view keeps by default. */
const KEPT_IDS = 128;

/** The partials of eight features, as a hand-written aggregator would keep them. */
interface Tile {
  sum: number;
  count: number;
  max: number;
  min: number;
  last: number;
  lastAt: number;
  inX: number;
  /** 32-bit hashes: fewer bytes than a sketch at these counts. */
  merchants: number[];
}

/** One card's state the plain way, a set of tiles a window, to set sizes beside. */
export interface TilesInObjects {
  /** Takes one event, a JSON text. */
  add(text: string, nowMs: number): void;
  json(): string;
  /** The tiles as DynamoDB attributes: one a feature and tile, `sum#5m#1767225600`. */
  attributes(): Readonly<Record<string, number | Uint8Array>>;
}

export function createTilesInObjects(): TilesInObjects {
  const levels = LEVELS.map(() => new Map<number, Tile>());
  const ids: string[] = [];
  return {
    add(text, nowMs) {
      const { id, amount, merchant, category, at } = JSON.parse(text);
      ids.push(hashOf(id).toString("hex"));
      if (ids.length > KEPT_IDS) ids.shift();
      for (const [index, { windowMs, hopMs }] of LEVELS.entries()) {
        const tiles = levels[index]!;
        const start = at - (at % hopMs);
        const tile = tiles.get(start) ?? emptyTile();
        tiles.set(start, tile);
        tile.sum += amount;
        tile.count++;
        tile.max = Math.max(tile.max, amount);
        tile.min = Math.min(tile.min, amount);
        if (at >= tile.lastAt) Object.assign(tile, { last: amount, lastAt: at });
        if (category === "x") tile.inX++;
        const hash = hashOf(merchant).readUInt32LE();
        if (!tile.merchants.includes(hash)) tile.merchants.push(hash);
        for (const kept of tiles.keys()) if (kept < nowMs - windowMs - hopMs) tiles.delete(kept);
      }
    },
    json: () => JSON.stringify({ tiles: levels.map((tiles) => [...tiles]), ids }),
    attributes: () =>
      Object.fromEntries(
        levels.flatMap((tiles, index) =>
          [...tiles].flatMap(([start, { merchants, ...partials }]) => {
            const suffix = `#${index}#${start / 1000}`;
            const hashes = new Uint8Array(Uint32Array.from(merchants).buffer);
            return [...Object.entries(partials), ["merchants", hashes] as const].map(
              ([name, value]) => [`${name}${suffix}`, value] as const,
            );
          }),
        ),
      ),
  };
}

function emptyTile(): Tile {
  return {
    sum: 0,
    count: 0,
    max: Number.NEGATIVE_INFINITY,
    min: Number.POSITIVE_INFINITY,
    last: 0,
    lastAt: 0,
    inX: 0,
    merchants: [],
  };
}

function hashOf(text: string): Buffer {
  return createHash("md5").update(text).digest().subarray(0, 8);
}
