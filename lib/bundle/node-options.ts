/** Megabytes. V8's own on machines of 64 bits. */
const LEAST = 16;
const MOST = 64;

/**
 * `NODE_OPTIONS` of a function that folds: room for what a batch leaves behind, which is garbage at once. `npm run bench --
 * fold` with and without, at 1,024 MB: two fifths more records are folded where images are fetched each batch, and a
 * sixth more where they are in memory. The young generation takes three times this.
 */
export function foldNodeOptions({ memoryMegabytes }: { readonly memoryMegabytes: number }): string {
  const size = Math.max(LEAST, Math.min(MOST, Math.floor(memoryMegabytes / 32)));
  return `--max-semi-space-size=${size}`;
}
