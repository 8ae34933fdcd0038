import type { Fault } from "./fault.ts";

/** What the stream and its event source mapping do. */
export const deliveryFaults = [
  {
    name: "redelivery",
    what: "a batch that was folded is delivered again: its answer was lost",
    rate: [0.02, 0.15],
  },
  {
    name: "double-invocation",
    what: "two invocations of one batch at once",
    rate: [0.02, 0.1],
  },
  {
    name: "timed-out-invocation",
    what: "an invocation stops at a call for longer than its time limit, and goes on beside its redelivery",
    rate: [0.0005, 0.003],
    isCountedWhenSeen: true,
  },
  { name: "bisected-batch", what: "a batch that failed is delivered again in halves", rate: [1, 1] },
  {
    name: "partial-batch-response",
    what: "the table refuses writes of some keys for minutes, so that batches are finished in part",
    rate: [0.01, 0.06],
    isCountedWhenSeen: true,
  },
  {
    name: "endless-retries",
    what: "the table is out of reach for minutes: a batch is retried without end",
    rate: [0.5, 1],
    isCountedWhenSeen: true,
  },
  {
    name: "lost-batch",
    what: "a batch is given up half-way and lost; its entities are rebuilt from the log",
    rate: [0.01, 0.05],
    isCountedWhenSeen: true,
  },
  {
    name: "mapping-recreated",
    what: "the event source mapping is made again at an older position",
    rate: [0.5, 1],
    isCountedWhenSeen: true,
  },
  { name: "expired-iterator", what: "a shard iterator expires", rate: [0.01, 0.1] },
  { name: "empty-poll", what: "a poll answers no records although there are some", rate: [0.05, 0.3] },
  { name: "poll-failure", what: "a poll is throttled or fails", rate: [0.01, 0.1] },
  {
    name: "producer-retry",
    what: "an event is put twice, with two sequence numbers",
    rate: [0.05, 0.2],
    isCountedWhenSeen: true,
  },
  { name: "split", what: "a shard is split", rate: [0.5, 1], isCountedWhenSeen: true },
  { name: "merge", what: "two shards are merged", rate: [0.5, 1], isCountedWhenSeen: true },
  {
    name: "split-undrained",
    what: "a shard is split, and its child again before the parent is drained",
    rate: [0.5, 1],
    isCountedWhenSeen: true,
  },
  {
    name: "low-child-sequence-numbers",
    what: "a child's sequence numbers are lower than its parent's",
    rate: [1, 1],
    isCountedWhenSeen: true,
  },
  {
    name: "foreign-partition-key",
    what: "a record under a partition key that is not its field's value, or in a shard that its key does not hash to",
    rate: [0.01, 0.06],
    isCountedWhenSeen: true,
  },
] as const satisfies readonly Fault[];
