import { expect, it } from "vitest";
import { view } from "../../lib/define/index.ts";
import { planView } from "../../lib/engine/plan.ts";
import { readFeatures } from "../../lib/engine/read.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import { createAggregator } from "./fixtures/aggregator.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { payments } from "./fixtures/payments.ts";
import { paymentRecord, START_MS, wholeShard, writerOf } from "./fixtures/records.ts";

const DAY_MS = 86_400_000;

// What operating.md tells to do when IteratorAge rings; a retention of hours and minutes is rounded up for the stream too.
it("counts a record once that is delivered again after the declared retention, which the stream's is longer than (R2)", async () => {
  const plan = planView(
    view("month", {
      version: 1,
      source: payments,
      entity: "card",
      sla: "1m",
      features: (t) => ({ count: t.count().over("30d") }),
    }),
  );
  const store = createMemoryStateStore();
  const objects = createMemoryObjectStore();
  const deploy = (processId: string) => createAggregator({ store, objects, processId, views: [plan] });
  const child: ShardWithAncestors = { ...wholeShard, writer: writerOf(1), ancestors: [wholeShard.writer] };
  const ofParent = [paymentRecord(1)];
  const at = START_MS + payments.retentionMs + DAY_MS;
  const ofChild = [paymentRecord(2, { at }, { arrivalMs: at })];
  const one = deploy("one");
  await one.process(ofParent);
  await one.process(ofChild, child);
  // The mapping is made again, at TRIM_HORIZON.
  const again = await deploy("two").process(ofParent);
  const item = (await store.get(["month@1|sA"], { consistent: true })).get("month@1|sA")!;
  const { values } = readFeatures(plan, [{ writer: "", image: item.image as Uint8Array }], at);
  expect(values).toEqual([2]);
  expect(again.views["month@1"]).toMatchObject({ folded: 0, alreadyFolded: 1 });
});
