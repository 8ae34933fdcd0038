/** Chance that a seed decides: mulberry32. */
export class Random {
  private state: number;

  constructor(state: number) {
    this.state = state >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    const { state } = this;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Uniform from `low` to below `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError("there is nothing to pick from.");
    return choices[this.below(choices.length)]!;
  }
}

/**
 * A generator of its own for each path: what one part of a world draws moves nothing that another part draws, so that
 * a schedule with one fault less stays otherwise as near as it can to the one it was made from.
 */
export function createRandom(seed: number, ...path: readonly (string | number)[]): Random {
  let hash = seed >>> 0;
  for (const part of path) hash = hashText(String(part), hash);
  return new Random(hash);
}

/** FNV-1a with a last mix: neighbouring texts are far apart. */
export function hashText(text: string, from = 0x811c9dc5): number {
  let hash = Math.imul(from ^ 0x811c9dc5, 0x85ebca6b);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return (hash ^ (hash >>> 15)) >>> 0;
}
