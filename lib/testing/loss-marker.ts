import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { KinesisStreamEvent } from "aws-lambda";
import type { ViewPlan } from "../engine/plan.ts";
import type { Clock } from "../engine/ports/clock.ts";
import { describeStream } from "../online/describe-stream.ts";
import { createLossMarker } from "../online/loss-marker.ts";
import { createShardDirectory } from "../online/shard-directory.ts";
import type { StateStore } from "../online/state-store.ts";

/** Marks what a batch that was given up had, as the function does that the on-failure destination tells. */
export function createBatchLossMarker(options: {
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
  const mark = createLossMarker({ store: known.store, directory, plans });
  return async ({ Records: [first] }) => {
    const { eventID, eventSourceARN, kinesis: record } = first!;
    const streamName = eventSourceARN.slice(eventSourceARN.lastIndexOf("/") + 1);
    const shardId = eventID.slice(0, eventID.lastIndexOf(":"));
    const source = plans.find(({ view }) => view.source.name === streamName)?.view.source;
    if (source !== undefined) await mark({ source, shardId, fromSequenceNumber: record.sequenceNumber });
  };
}
