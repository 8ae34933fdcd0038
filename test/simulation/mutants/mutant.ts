import type { FaultName } from "../faults/registry.ts";

/** A way of breaking the code on purpose: a patch of its name stands beside this file. */
export interface Mutant {
  readonly name: string;
  /** What it breaks. */
  readonly what: string;
  /** The faults of the worlds that look for it, where it takes several at once. @default those that a seed draws */
  readonly faults?: readonly FaultName[];
}

export const mutants: readonly Mutant[] = [
  { name: "drop-write-condition", what: "items are written without a condition" },
  { name: "skip-sequence-check", what: "records at or below the item's position are folded again" },
  { name: "one-sequence-for-all-shards", what: "one position serves all shards of an item" },
  {
    name: "fold-before-check-and-again",
    what: "after a failed condition, the batch is folded onto the image that it was folded into already",
  },
  { name: "trust-warm-cache", what: "warm images are trusted whoever wrote progress last" },
  { name: "report-highest-failed", what: "the highest of the views' unfinished records is reported" },
  { name: "forget-parents-on-reshard", what: "an item's position forgets the shards before the last" },
  { name: "drop-late-events", what: "late events are counted, and dropped" },
  { name: "progress-before-writes", what: "progress is advanced before the items are written" },
  {
    name: "read-items-before-progress",
    what: "a reader reads items before progress",
    faults: ["clock-skew", "slow-call", "throttle", "failed-read", "unprocessed-keys"],
  },
  {
    name: "reset-position-on-expiry",
    what: "a record after an item's expiry resets its position too",
    faults: ["split", "merge", "split-undrained", "hot-key", "mapping-recreated"],
  },
  { name: "count-outside-item", what: "folded records are counted in an item of their own" },
  { name: "pre-aggregate-batch", what: "a batch's numbers are added up before they are added to the item's" },
  {
    name: "ignore-parents-when-child-starts",
    what: "the poller starts a child shard while its parents have records",
  },
  {
    name: "dedup-outside-conditional-write",
    what: "event ids are remembered by the process instead of the item",
  },
  { name: "in-doubt-taken-for-written", what: "a write without an answer is taken for written" },
  { name: "unconditional-progress", what: "progress is written whatever stands there" },
  { name: "entries-after-states", what: "late and quarantined entries are written after the items" },
  { name: "eventual-reads-of-items", what: "the write path reads items eventually" },
  {
    name: "start-known-from-progress-alone",
    what: "where a view begins is known from progress alone, which is written last",
  },
  { name: "eventual-answers-called-fresh", what: "an eventually consistent answer may be called fresh" },
  {
    name: "verdict-from-warm-image",
    what: "a verdict reached from a warm image is not reached again from a read",
    faults: ["timeout-before-write", "late-write", "late", "producer-retry", "throttle"],
  },
  { name: "always-fresh", what: "an answer past its SLA is called fresh" },
  { name: "freshest-shard-tells", what: "a view's lag is that of its freshest shard" },
  {
    name: "closed-shards-tell-nothing",
    what: "a shard counts for no freshness once it is closed, drained or not",
  },
  {
    name: "progress-takes-marks-off",
    what: "the next batch makes a shard known again of which records were lost",
  },
  {
    name: "marks-only-what-has-begun",
    what: "a loss in a shard of which nothing is folded yet is not marked",
  },
  { name: "cold-read-twice", what: "a verdict reached from a strong read is reached again from another" },
  { name: "start-at-end-of-batch", what: "a view begins a shard with the last record of the first batch" },
  { name: "ancestors-left-open", what: "a view may begin a shard after its child" },
  { name: "skip-unknown-version", what: "an item of an unknown version is passed over, its batch finished" },
  { name: "full-items-drop-records", what: "a record that a full item cannot take is dropped" },
  { name: "event-times-in-seconds", what: "the decoder cuts event times to whole seconds" },
  { name: "history-without-newest-tile", what: "a time series lacks its newest tile" },
  {
    name: "payload-of-another-buffer",
    what: "an entry's payload is read from one buffer at the place of another (an error that the simulation found)",
  },
  { name: "warm-image-before-write", what: "an image is kept as warm before its write is known to stand" },
  {
    name: "mark-lost-on-conflict",
    what: "a mark gives way to progress that is written at the same moment",
    faults: ["lost-batch", "slow-call", "redelivery", "double-invocation", "split"],
  },
  {
    name: "mark-in-doubt-taken-for-made",
    what: "a mark whose write was not answered is taken for made",
    faults: ["lost-batch", "timeout-before-write", "late-write", "throttle", "poison"],
  },
  { name: "eventual-read-of-progress", what: "the write path reads progress eventually" },
  { name: "eventual-marks", what: "a reader reads progress eventually, and so the marks of what is lost" },
  {
    name: "start-in-doubt-taken-for-recorded",
    what: "a beginning whose write was not answered is taken for recorded",
    faults: ["new-view-version", "timeout-before-write", "late-write", "split", "merge"],
  },
  {
    name: "as-of-before-reads",
    what: "an answer is as of a time before progress and items were read",
    faults: ["clock-skew", "slow-call", "throttle", "failed-read", "unprocessed-keys"],
  },
  {
    name: "one-parent-drained",
    what: "the poller starts a merged shard when one of its parents is drained",
    faults: ["merge", "split", "throttle", "partial-batch-response", "endless-retries"],
  },
  {
    name: "returned-views-go-on",
    what: "a view that a release left out goes on from its old progress where the next has it",
  },
  {
    name: "release-noted-first",
    what: "a release is noted before the views that were left out warm again",
    faults: ["view-left-out", "crash", "failed-read", "throttle", "cold-start"],
  },
  {
    name: "returned-in-a-child-goes-on",
    what: "a view that was left out warms again where it returns in a shard that it had begun, and not in its children",
    faults: ["view-left-out", "split", "split-undrained", "empty-poll", "long-window-only"],
  },
  {
    name: "lifetimes-only-warm",
    what: "a view with lifetimes that was left out warms again by its windows, and is called fresh",
  },
  {
    name: "returned-views-date-from-parents",
    what: "a view that was left out warms since the shards did that its shard came of",
    faults: ["view-left-out", "split", "merge", "split-undrained", "cold-start"],
  },
  {
    name: "begun-views-lack-nothing",
    what: "a view that a release leaves out, and that had begun the shard, is said to lack nothing of what is delivered next",
  },
  { name: "every-release-warms", what: "every view warms again where a shard is given to another release" },
];
