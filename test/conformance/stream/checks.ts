import type { Check } from "../check.ts";
import { descriptionChecks } from "./descriptions.ts";
import { iteratorChecks } from "./iterators.ts";
import { putChecks } from "./puts.ts";
import { reshardingChecks } from "./resharding.ts";
import type { StreamSubject } from "./stream-subject.ts";

/** What the poller, the producer and the reader of shards rely on. */
export const streamSuite: readonly Check<StreamSubject>[] = [
  ...descriptionChecks,
  ...putChecks,
  ...iteratorChecks,
  ...reshardingChecks,
];
