import { expect, it } from "vitest";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { createAggregator } from "./fixtures/aggregator.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { cardPlan } from "./fixtures/payments.ts";
import { paymentRecord, START_MS } from "./fixtures/records.ts";

function setUp() {
  const store = createFaultyStore(createMemoryStateStore());
  const objects = createMemoryObjectStore();
  return { store, aggregator: createAggregator({ store, objects, processId: "one", views: [cardPlan] }) };
}

it("reports progress as it stands while a batch cannot be finished: lag grows in the metrics too (R11)", async () => {
  const { store, aggregator } = setUp();
  await aggregator.process([paymentRecord(1)]);
  store.onPut = () => "unavailable";
  const { failedSequenceNumber, views } = await aggregator.process([paymentRecord(2)]);
  expect(failedSequenceNumber).toBe(paymentRecord(2).sequenceNumber);
  expect(views["card@1"]!.progressArrivalMs).toBe(START_MS + 2_000);
});

it("waits for a store that is out of reach once, not for each entity: the batch ends before the function's time does", async () => {
  const { store, aggregator } = setUp();
  await aggregator.process([paymentRecord(1)]);
  let puts = 0;
  store.onPut = (item) => {
    if (!item.pk.startsWith("#")) puts++;
    return "unavailable";
  };
  const records = Array.from({ length: 400 }, (_, n) => paymentRecord(n + 2, { card: `c${n}` }));
  const report = await aggregator.process(records);
  expect(report.failedSequenceNumber).toBe(records[0]!.sequenceNumber);
  // As many as are under way at a time.
  expect(puts).toBeLessThanOrEqual(16);
});
