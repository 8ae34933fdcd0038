import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { KinesisStreamEvent } from "aws-lambda";
import type { ViewPlan } from "../engine/plan.ts";
import type { Clock } from "../engine/ports/clock.ts";
import { describeStream } from "../online/describe-stream.ts";
import { markUnknown } from "../online/progress.ts";
import { createShardDirectory } from "../online/shard-directory.ts";
import type { StateStore } from "../online/state-store.ts";

/** Does what a message of the on-failure destination calls for: marks the views of the batch's shard unknown (R2). */
export function createLossMarker(options: {
  readonly kinesis: KinesisClient;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly plans: readonly ViewPlan[];
}): (event: KinesisStreamEvent) => Promise<void> {
  const { kinesis, plans, ...known } = options;
  const directory = createShardDirectory({
    describe: (source) => describeStream(kinesis, source.name),
    plans,
    ...known,
  });
  return async ({ Records: [first] }) => {
    const { eventID, eventSourceARN, kinesis: record } = first!;
    const streamName = eventSourceARN.slice(eventSourceARN.lastIndexOf("/") + 1);
    const concerned = plans.filter(({ view }) => view.source.name === streamName);
    const [plan] = concerned;
    if (plan === undefined) return;
    const shard = await directory.shardOf(plan.view.source, eventID.slice(0, eventID.lastIndexOf(":")));
    for (const { id } of concerned) await markUnknown(known.store, id, shard, record.sequenceNumber);
  };
}
