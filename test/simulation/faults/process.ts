import type { Fault } from "./fault.ts";

/** What happens to the processes that fold. */
export const processFaults = [
  { name: "crash", what: "a process dies between two awaits", rate: [0.001, 0.012] },
  { name: "cold-start", what: "an invocation gets a process of its own", rate: [0.02, 0.15] },
  {
    name: "clock-skew",
    what: "a process's clock is off by up to two minutes, another at each invocation",
    rate: [0.3, 1],
  },
  {
    name: "codec-rollout",
    what: "a release reads a new version of the state format, the next one writes it",
    rate: [1, 1],
  },
  {
    name: "skipped-codec-step",
    what: "a process of the first release meets the new format",
    rate: [1, 1],
    isCountedWhenSeen: true,
  },
  { name: "new-view-version", what: "a deployment adds a version of a view", rate: [1, 1] },
  {
    name: "view-left-out",
    what: "a release leaves a view out, and is given records; the next has it again",
    rate: [1, 1],
    isCountedWhenSeen: true,
  },
  {
    name: "hasty-rollback",
    what: "a release with a view times out and is rolled back; its invocation goes on as the next has the view again",
    rate: [0.02, 0.08],
    isCountedWhenSeen: true,
  },
] as const satisfies readonly Fault[];
