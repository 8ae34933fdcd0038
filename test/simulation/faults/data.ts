import type { Fault } from "./fault.ts";

/** What producers put. */
export const dataFaults = [
  { name: "out-of-order", what: "an event comes after later ones", rate: [0.05, 0.3] },
  {
    name: "late",
    what: "an event is older than every window holds",
    rate: [0.02, 0.1],
    isCountedWhenSeen: true,
  },
  {
    name: "future",
    what: "an event is ahead of its arrival, within the skew or beyond it",
    rate: [0.02, 0.1],
  },
  { name: "poison", what: "a record that cannot be decoded", rate: [0.01, 0.1], isCountedWhenSeen: true },
  { name: "hot-key", what: "one key has a large share of the events", rate: [0.1, 0.4] },
  { name: "window-edge", what: "a key's first event lies on the edge of a window", rate: [0.02, 0.08] },
  { name: "long-window-only", what: "a key that only the longest window remembers", rate: [0.02, 0.1] },
] as const satisfies readonly Fault[];
