import { describe, expect, it } from "vitest";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { markUnknown } from "../../lib/online/amend-progress.ts";
import { readProgress } from "../../lib/online/progress.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import { createAggregator } from "./fixtures/aggregator.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { onePass, storedItems } from "./fixtures/one-pass.ts";
import { cardPlan, merchantPlan, payments } from "./fixtures/payments.ts";
import { paymentRecord, START_MS, sequenceNumber, wholeShard, writerOf } from "./fixtures/records.ts";

/** Split once, and the child split again: what each took is of every key. */
const grandparent: ShardWithAncestors = wholeShard;
const parent: ShardWithAncestors = {
  ...wholeShard,
  writer: writerOf(1),
  ancestors: [grandparent.writer],
};
const child: ShardWithAncestors = {
  ...wholeShard,
  writer: writerOf(2),
  ancestors: [parent.writer, grandparent.writer],
};
const ofGrandparent = [1, 2].map((n) => paymentRecord(n));
const ofParent = [3, 4].map((n) => paymentRecord(n));
const ofChild = [5, 6].map((n) => paymentRecord(n));

function setUp() {
  const store = createMemoryStateStore();
  const objects = createMemoryObjectStore();
  const create = (processId: string, views = [cardPlan]) =>
    createAggregator({ store, objects, processId, views });
  return { store, objects, create };
}

describe("where a view begins in a stream that was resharded (R1, R15)", () => {
  it("folds nothing of a shard whose child it began before", async () => {
    const { store, create } = setUp();
    await create("new").process(ofChild, child);
    // A mapping made again at an older position: the closed shards come first.
    const again = create("again");
    for (const [shard, records] of [
      [grandparent, ofGrandparent],
      [parent, ofParent],
    ] as const) {
      const report = await again.process(records, shard);
      expect(report.failedSequenceNumber).toBeNull();
      expect(report.views["card@1"]).toMatchObject({ beforeStart: 2, folded: 0 });
    }
    expect((await again.process(ofChild, child)).views["card@1"]).toMatchObject({ alreadyFolded: 2 });
    const expected = onePass(payments, [cardPlan], [{ shard: child, records: ofChild }]);
    expect(await storedItems(store)).toEqual(expected.items);
  });

  it("folds what a shard delivers again from its own beginning on, whatever children began since", async () => {
    const { store, create } = setUp();
    await create("one").process(ofParent.slice(0, 1), parent);
    await create("one").process(ofChild, child);
    const report = await create("two").process([...ofGrandparent, ...ofParent.slice(0, 1)], parent);
    expect(report.views["card@1"]).toMatchObject({ beforeStart: 2, alreadyFolded: 1, folded: 0 });
    expect((await create("two").process(ofGrandparent, grandparent)).views["card@1"]).toMatchObject({
      beforeStart: 2,
    });
    const expected = onePass(
      payments,
      [cardPlan],
      [
        { shard: parent, records: ofParent.slice(0, 1) },
        { shard: child, records: ofChild },
      ],
    );
    expect(await storedItems(store)).toEqual(expected.items);
  });

  it("is each view's own", async () => {
    const { create } = setUp();
    const old = create("old");
    await old.process(ofParent, parent);
    const both = create("both", [cardPlan, merchantPlan]);
    await both.process(ofChild, child);
    const { views } = await both.process(ofParent, parent);
    expect(views["card@1"]).toMatchObject({ alreadyFolded: 2, beforeStart: 0 });
    expect(views["merchant@1"]).toMatchObject({ alreadyFolded: 0, beforeStart: 2 });
  });

  it("holds although the process died between the shard's beginning and its ancestors'", async () => {
    for (const dyingAt of [0, 1, 2, 3]) {
      const { store, objects, create } = setUp();
      const dying = createFaultyStore(store);
      let starts = 0;
      dying.onPut = (item) => (item.pk.startsWith("#start") && starts++ >= dyingAt ? "unavailable" : null);
      const views = [cardPlan];
      await createAggregator({ store: dying, objects, processId: "dying", views }).process(ofChild, child);
      const again = create("again");
      await again.process(ofGrandparent, grandparent);
      await again.process(ofParent, parent);
      await again.process(ofChild, child);
      const deliveries = [
        { shard: grandparent, records: ofGrandparent },
        { shard: parent, records: ofParent },
        { shard: child, records: ofChild },
      ];
      const stored = await storedItems(store);
      // Of the closed shards any may have been begun, none behind a later one.
      const inOrder = [0b001, 0b011, 0b101, 0b111].map(
        (taken) =>
          onePass(
            payments,
            views,
            deliveries.filter((_, i) => taken & (4 >> i)),
          ).items,
      );
      expect(inOrder).toContainEqual(stored);
    }
  });

  it("leaves open where a shard begins that is marked unknown", async () => {
    const { store, create } = setUp();
    for (const shard of [grandparent, parent, child]) await markUnknown(store, "card@1", shard);
    const one = create("one");
    await one.process(ofChild, child);
    expect((await one.process(ofParent, parent)).views["card@1"]).toMatchObject({ beforeStart: 2 });
    expect((await readProgress(store, ["card@1"], child.writer)).get("card@1")).toMatchObject({
      fromSequenceNumber: sequenceNumber(5),
      sinceMs: START_MS + 6_000,
      unknown: true,
    });
  });

  it("dates progress from the first record at its beginning or after it, never from one before", async () => {
    const { store, objects, create } = setUp();
    const dying = createFaultyStore(store);
    dying.onPut = (item) => (item.pk.startsWith("#progress") ? "unavailable" : null);
    const first = createAggregator({ store: dying, objects, processId: "dying", views: [cardPlan] });
    await first.process(ofChild, child);
    const again = create("again");
    // From before the child's beginning as from before the parent's, which has none.
    await again.process(ofParent, parent);
    await again.process([...ofGrandparent, ...ofChild], child);
    const sinceOf = async ({ writer }: ShardWithAncestors) =>
      (await readProgress(store, ["card@1"], writer)).get("card@1")?.sinceMs;
    expect(await sinceOf(parent)).toBeUndefined();
    expect(await sinceOf(child)).toBe(START_MS + 6_000);
  });
});
