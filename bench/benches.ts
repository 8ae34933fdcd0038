import type { Bench } from "./bench.ts";

/** The benchmarks by name. Each loads what it measures when it is asked for. */
export const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  fold: async () => (await import("./fold/bench.ts")).fold as Bench,
  codec: async () => (await import("./codec/bench.ts")).codec as Bench,
  merge: async () => (await import("./merge/bench.ts")).merge as Bench,
  store: async () => (await import("./store/bench.ts")).store as Bench,
  serve: async () => (await import("./serve/bench.ts")).serve as Bench,
  start: async () => (await import("./start/bench.ts")).start as Bench,
};
