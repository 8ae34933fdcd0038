import type { Fault } from "./fault.ts";

/** What the table and the object store do. */
export const tableFaults = [
  { name: "throttle", what: "a call is throttled", rate: [0.01, 0.15] },
  { name: "timeout-before-write", what: "a write times out, and is never applied", rate: [0.005, 0.05] },
  { name: "timeout-after-write", what: "a write is applied, and times out", rate: [0.005, 0.05] },
  { name: "late-write", what: "a write times out, and is applied later", rate: [0.005, 0.05] },
  { name: "sdk-retry", what: "a write that was applied is sent again by the SDK", rate: [0.005, 0.05] },
  { name: "failed-read", what: "a read fails or times out", rate: [0.005, 0.05] },
  { name: "unprocessed-keys", what: "a batch of keys is answered in part", rate: [0.05, 0.3] },
  { name: "stale-read", what: "an eventually consistent read lags", rate: [0.3, 1], isCountedWhenSeen: true },
  { name: "failed-object", what: "an object cannot be written, or its answer is lost", rate: [0.02, 0.2] },
  { name: "slow-call", what: "a call takes seconds", rate: [0.005, 0.03] },
  { name: "ttl-deletion", what: "DynamoDB's TTL deletes items after it may", rate: [0.3, 0.9] },
  {
    name: "item-near-bound",
    what: "an item comes to its size bound, and takes no more",
    rate: [0.25, 0.4],
    isCountedWhenSeen: true,
  },
] as const satisfies readonly Fault[];
