import { describe, expect, it } from "vitest";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { readProgress } from "../../lib/online/progress.ts";
import { createAggregator } from "./fixtures/aggregator.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { cardPlan } from "./fixtures/payments.ts";
import { paymentRecord, wholeShard } from "./fixtures/records.ts";

const views = [cardPlan];
const batch = (from: number) =>
  Array.from({ length: 10 }, (_, n) => paymentRecord(from + n, { card: `c${n}` }));

function setUp() {
  const store = createMemoryStateStore();
  const objects = createMemoryObjectStore();
  const progressOf = async () =>
    (await readProgress(store, [cardPlan.id], wholeShard.writer)).get(cardPlan.id);
  return { store, objects, progressOf };
}

describe("progress that a batch moves (R2, R11)", () => {
  it("stands as another invocation of the same batch left it", async () => {
    const { store, objects, progressOf } = setUp();
    const slow = createFaultyStore(store);
    let goOn = () => {};
    const held = new Promise<null>((resolve) => {
      goOn = () => resolve(null);
    });
    slow.onPut = ({ pk }) => (pk.startsWith("#progress") ? held : null);
    await createAggregator({ store, objects, processId: "before", views }).process(batch(0));
    const late = createAggregator({ store: slow, objects, processId: "slow", views }).process(batch(10));
    await createAggregator({ store, objects, processId: "other", views }).process(batch(10));
    goOn();
    expect((await late).failedSequenceNumber).toBeNull();
    expect(await progressOf()).toMatchObject({ processId: "other" });
  });

  it("vouches for what a process read, though its first write was lost", async () => {
    const { store, objects, progressOf } = setUp();
    await createAggregator({ store, objects, processId: "other", views }).process(batch(0));
    const through = createFaultyStore(store);
    let lost = 0;
    through.onPut = ({ pk }) => (pk.startsWith("#progress") && lost++ === 0 ? "lost" : null);
    const own = createAggregator({ store: through, objects, processId: "own", views });
    await own.process(batch(10));
    expect(lost).toBe(2);
    expect(await progressOf()).toMatchObject({ processId: "own" });
    expect((await own.process(batch(20))).warm).toBe(10);
  });
});
