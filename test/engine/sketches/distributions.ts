/** A generator of 32 random bits at a time (mulberry32): the same numbers from the same seed everywhere. */
function randomBits(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Uniform on (0, 1), 53 bits. */
export function uniform(seed: number): () => number {
  const bits = randomBits(seed);
  return () => ((bits() >>> 5) * 2 ** 26 + (bits() >>> 6) + 0.5) / 2 ** 53;
}

function normal(seed: number): () => number {
  const random = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** Endless values of one shape, by seed. */
export const distributions: Readonly<Record<string, (seed: number) => () => number>> = {
  uniform,
  "log-normal": (seed) => {
    const random = normal(seed);
    return () => Math.exp(2 * random());
  },
  /** Ranks whose frequency falls with the rank (Pareto's law of exponent 1.1, rounded down). */
  zipf: (seed) => {
    const random = uniform(seed);
    return () => Math.floor(random() ** (-1 / 1.1));
  },
  sequential: (seed) => {
    let next = seed * 1_000_003;
    return () => next++;
  },
};

/** Shapes that only quantiles care about: both signs, and magnitudes from end to end of the doubles. */
export const signedDistributions: typeof distributions = {
  "flight delays": (seed) => {
    const random = normal(seed);
    return () => Math.round(8 + 30 * random());
  },
  normal: (seed) => normal(seed),
  huge: (seed) => {
    const random = uniform(seed);
    return () => random() * Number.MAX_VALUE;
  },
  tiny: (seed) => {
    const random = uniform(seed);
    return () => (random() - 0.5) * 2 ** -1000;
  },
};

export function take(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next);
}
