import type { Scalar } from "../../../define/where.ts";

export type KeyValues = readonly Scalar[];

/** Finds the keys that come most often lately, in bounded memory. */
export interface BusiestKeys {
  add(key: KeyValues, weight: number): void;
  /** The keys with the greatest counts, greatest first. */
  top(count: number): readonly KeyValues[];
  /** Halves every count, so that what was busy long ago gives way. */
  age(): void;
}

/**
 * Space-Saving over at most `capacity` keys: a new key takes the place of the rarest and inherits its count, so that a
 * key with more than 1/capacity of the weight is never missed.
 */
export function createBusiestKeys(options: { readonly capacity: number }): BusiestKeys {
  const { capacity } = options;
  const counted = new Map<string, { readonly key: KeyValues; weight: number }>();
  return {
    add(key, weight) {
      const text = JSON.stringify(key);
      const known = counted.get(text);
      if (known !== undefined) {
        known.weight += weight;
        return;
      }
      let inherited = 0;
      if (counted.size >= capacity) {
        let rarest = "";
        let least = Number.POSITIVE_INFINITY;
        for (const [other, entry] of counted) {
          if (entry.weight < least) [rarest, least] = [other, entry.weight];
        }
        counted.delete(rarest);
        inherited = least;
      }
      counted.set(text, { key, weight: inherited + weight });
    },
    top(count) {
      return [...counted]
        .sort(([left, a], [right, b]) => b.weight - a.weight || (left < right ? -1 : 1))
        .slice(0, count)
        .map(([, { key }]) => key);
    },
    age() {
      for (const entry of counted.values()) entry.weight /= 2;
    },
  };
}
