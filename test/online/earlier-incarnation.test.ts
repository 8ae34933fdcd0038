import { expect, it } from "vitest";
import { writerName } from "../../lib/engine/position.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { controlAttributes, controlKey } from "../../lib/online/control.ts";
import { createReader } from "../../lib/online/reader.ts";
import { createAggregator } from "./fixtures/aggregator.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { merchantPlan } from "./fixtures/payments.ts";
import { paymentRecord, START_MS, wholeShard } from "./fixtures/records.ts";

it("reads what a view with many writers folded of the stream before it was made again", async () => {
  const store = createMemoryStateStore();
  const objects = createMemoryObjectStore();
  const hashRange = wholeShard.hashRange!;
  const again = { ...wholeShard, writer: writerName("payments", START_MS + 1, "shardId-000000000000") };
  const shards = [wholeShard, again].map(({ writer }) => ({
    writer,
    hashRange,
    parents: [],
    open: writer === again.writer,
    closedMs: writer === again.writer ? null : START_MS,
  }));
  const control = controlAttributes({ arn: "payments", createdMs: START_MS + 1, shards });
  await store.put({ pk: controlKey("payments"), ...control }, { expected: null });
  const aggregator = createAggregator({ store, objects, processId: "one", views: [merchantPlan] });
  await aggregator.process([paymentRecord(1), paymentRecord(2)]);
  await aggregator.process([paymentRecord(3)], again);
  const reader = createReader({ store, clock: { now: () => START_MS + 10_000 } });
  const [reading] = await reader.read([{ plan: merchantPlan, key: ["M"] }]);
  expect(reading).toMatchObject({ status: "warming", values: { count_1h: 3 } });
});
