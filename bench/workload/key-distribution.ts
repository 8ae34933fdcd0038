/** How events spread over keys: all alike, or by rank to the power of -1.1. */
export type KeyDistribution = "uniform" | "zipf";

const ZIPF_EXPONENT = 1.1;

/** Draws keys, from 0 on, by numbers in [0, 1). */
export function keyDraw(keys: number, distribution: KeyDistribution, random: () => number): () => number {
  if (distribution === "uniform") return () => Math.floor(random() * keys);
  const reach = new Float64Array(keys);
  let sum = 0;
  for (let rank = 0; rank < keys; rank++) {
    sum += (rank + 1) ** -ZIPF_EXPONENT;
    reach[rank] = sum;
  }
  const keyOfRank = shuffled(keys, random);
  return () => keyOfRank[firstAbove(reach, random() * sum)]!;
}

/** The first rank whose reach is over a number. */
function firstAbove(reach: Float64Array, value: number): number {
  let from = 0;
  let to = reach.length - 1;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (reach[middle]! > value) to = middle;
    else from = middle + 1;
  }
  return from;
}

function shuffled(count: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
