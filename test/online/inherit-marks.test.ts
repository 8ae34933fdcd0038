import { expect, it } from "vitest";
import { z } from "zod";
import { source, view } from "../../lib/define/index.ts";
import { planView } from "../../lib/engine/plan.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import { createWriteLoop } from "../../lib/online/write-loop.ts";
import { sequenceNumber } from "./fixtures/records.ts";
import { createReleases, left, minuteMs, parent, SPLIT } from "./fixtures/releases.ts";

const replayed = source("payments", {
  schema: z.object({ id: z.string(), card: z.string(), at: z.number(), put: z.number() }),
  partitionKey: "card",
  eventTime: "at",
  eventId: "id",
  arrivalTime: "put",
});

const ever = planView(
  view("ever", {
    version: 1,
    source: replayed,
    entity: "card",
    sla: "1m",
    features: (t) => ({ n: t.count().lifetime() }),
  }),
);

it("a lifetime is unknown behind a gap longer than the stream keeps records, also where its view begins midway (R2)", async () => {
  const { store, objects, answer } = await createReleases(SPLIT);
  let puts = 0;
  const fold = (
    aggregator: string,
    minutes: readonly number[],
    { shard, takenAt }: { readonly shard: ShardWithAncestors; readonly takenAt: number },
  ) =>
    createWriteLoop({
      source: replayed,
      plans: [ever],
      store,
      objects,
      processId: `p${puts}`,
      aggregator,
    }).processBatch({
      shard,
      records: minutes.map((minute) => ({
        data: Buffer.from(
          JSON.stringify({ id: `p${puts}`, card: "A", at: minuteMs(minute), put: minuteMs(minute) }),
        ),
        partitionKey: "A",
        sequenceNumber: sequenceNumber(puts++),
        approximateArrivalMs: minuteMs(takenAt),
      })),
    });
  await fold("one", [0, 30, 60], { shard: parent, takenAt: 600 });
  // The view has moved to another aggregator; arrivals are declared, and one of before is later than the first of these.
  await fold("two", [50, 61, 70], { shard: left, takenAt: 610 + replayed.retentionMs / 60_000 });
  expect(await answer(ever, "A", 70)).toMatchObject({ status: "unknown" });
});
