/** A seeded generator of numbers in [0, 1) (mulberry32): the same moments and entities at every run. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of `items`, which must not be empty. */
export function pick<T>(random: () => number, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

/** A seed for a part of what a seed makes: far apart for neighbouring seeds and parts. */
export function mixSeed(seed: number, part: number): number {
  return Math.imul(seed, 0x9e3779b1) ^ Math.imul(part + 1, 0x85ebca6b);
}
