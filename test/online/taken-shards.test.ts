import { describe, expect, it } from "vitest";
import { writerName } from "../../lib/engine/position.ts";
import { stampProgress } from "../../lib/online/amend-progress.ts";
import { progressKey } from "../../lib/online/progress.ts";
import { releasedViewsKey } from "../../lib/online/release-note.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { holdAt } from "./fixtures/held-invocation.ts";
import { cardPlan } from "./fixtures/payments.ts";
import { heartbeatRecord, START_MS } from "./fixtures/records.ts";
import {
  at,
  brief,
  childOfLeft,
  createReleases,
  ever,
  left,
  leftRoot,
  listed,
  mergedOf,
  minuteMs,
  parent,
  ROOTS,
  range,
  right,
  rightRoot,
  SPLIT,
} from "./fixtures/releases.ts";

const grandchild = childOfLeft(3, left.hashRange!);

const OLD = [cardPlan];
const TWO = [cardPlan, brief];
const BOTH = [cardPlan, brief, ever];

describe("a shard that one release takes over from another (R1, R2, R15)", () => {
  it("is done with as far as any release has come, though a view that returned has not", async () => {
    const { store, fold, answer } = await createReleases();
    await fold(TWO, range(0, 5));
    const held = holdAt(store, parent, 0);
    const running = fold(BOTH, range(5, 10), { through: held.store });
    await held.isHeld;
    await fold(OLD, range(5, 20));
    const through = createFaultyStore(store);
    through.onPut = ({ pk }) => (pk.startsWith("#") ? null : "unavailable");
    await fold(TWO, range(20, 22), { through });
    held.goOn();
    await running;
    await fold(BOTH, range(20, 22));
    await fold(BOTH, range(22, 30));
    // Behind the twentieth payment, though the late invocation was given the sixth.
    expect(await answer(ever, "A", 29)).toMatchObject({ status: "fresh", values: { n_lifetime: 10 } });
  });

  it("is folded no further by a late invocation whose views returned in it before it was split", async () => {
    for (let heldAt = 0, calls = 1; heldAt < calls; heldAt++) {
      const { store, fold } = await createReleases(SPLIT);
      await fold(BOTH, range(0, 5));
      const held = holdAt(store, parent, heldAt);
      const running = fold(BOTH, range(5, 10), { through: held.store });
      await Promise.race([running, held.isHeld]);
      await fold(OLD, range(5, 20));
      await fold(BOTH, range(20, 23, "C"));
      await fold(BOTH, range(25, 30), { shard: left });
      const before = store.items.get("ever@1|sA");
      held.goOn();
      await running;
      expect(store.items.get("ever@1|sA"), `held at ${heldAt}`).toBe(before);
      calls = held.calls();
    }
  });

  it("costs a read of progress and one of items, though entities have entries of a stream that was made again", async () => {
    const { fold } = await createReleases();
    const batch = (from: number) => Array.from({ length: 50 }, (_, n) => at(from + n, `k${n}`));
    await fold(OLD, batch(0));
    const again = { ...parent, writer: writerName("payments", START_MS + 1, "shardId-000000000000") };
    await fold(OLD, batch(100), { shard: again });
    expect((await fold(OLD, batch(200), { shard: again })).capacity.readCalls).toBe(2);
  });

  it("lacks nothing of what was delivered to no other end than to be folded again", async () => {
    const { fold, answer } = await createReleases();
    await fold(OLD, range(0, 5));
    // It begins behind all of it, and the release before is given it again.
    await fold([cardPlan, ever], range(0, 5));
    await fold(OLD, range(0, 5));
    await fold([cardPlan, ever], range(5, 10));
    expect(await answer(ever, "A", 9)).toMatchObject({ status: "fresh", values: { n_lifetime: 5 } });
  });

  it("tells nothing of a view that began what came of it before", async () => {
    const { fold, answer } = await createReleases(SPLIT);
    await fold(OLD, range(0, 5));
    await fold(TWO, range(20, 22), { shard: left });
    await fold(TWO, range(20, 22, "B"), { shard: right });
    // A mapping that was made anew delivers the parent again.
    await fold(TWO, range(0, 5));
    expect(await answer(brief, "A", 21)).toMatchObject({ status: "warming", warming: true });
    expect((await fold(OLD, range(0, 5))).failures).toEqual([]);
  });

  it("is not stamped by a release that is late behind the one that took it over since", async () => {
    const { store } = await createReleases();
    const stamped = { writer: parent.writer, aggregator: "fraud" };
    await stampProgress(store, cardPlan.id, { ...stamped, epoch: 2 });
    await expect(stampProgress(store, cardPlan.id, { ...stamped, epoch: 1 })).rejects.toThrow(
      `progress of view card@1 in ${parent.writer} is of release 2 of fraud by now.`,
    );
    expect(await stampProgress(store, cardPlan.id, { ...stamped, epoch: 3 })).toMatchObject({
      epochs: { fraud: 3 },
    });
  });

  it("takes a note of the ids alone, as they were written once", async () => {
    const { store, fold, answer } = await createReleases();
    await fold([cardPlan, ever], range(0, 5));
    const pk = releasedViewsKey(parent.writer);
    store.items.set(pk, { pk, views: JSON.stringify({ fraud: ["card@1"] }) });
    expect((await fold([cardPlan, ever], range(5, 10))).failedSequenceNumber).toBeNull();
    expect(await answer(ever, "A", 9)).toMatchObject({ status: "unknown" });
  });

  it("takes such a note of one that came of it, or that it came of, at any remove", async () => {
    const note = JSON.stringify({ fraud: ["card@1"] });
    const both = [cardPlan, ever];
    for (const noted of [left, parent]) {
      for (const given of [left, grandchild]) {
        const { store, fold } = await createReleases([...SPLIT, listed(grandchild, [left.writer], true)]);
        await fold(both, range(0, 5));
        const pk = releasedViewsKey(noted.writer);
        store.items.set(pk, { pk, views: note });
        if (given === grandchild) await fold(OLD, range(5, 7), { shard: left });
        await fold(both, range(7, 9), { shard: given });
        expect(
          store.items.get(progressKey(ever.id, given.writer)),
          `${noted.writer}, ${given.writer}`,
        ).toMatchObject({
          unknown: true,
        });
      }
    }
  });

  it("lacks what one of those that it was merged of does, though the other lacks nothing", async () => {
    const merged = mergedOf(ROOTS);
    const { fold, answer } = await createReleases([
      listed(leftRoot, [], false),
      listed(rightRoot, [], false),
      listed(merged, [left.writer, right.writer], true),
    ]);
    const both = [cardPlan, ever];
    await fold(both, range(0, 5), { shard: leftRoot });
    await fold(both, range(0, 5, "B"), { shard: rightRoot });
    await fold(OLD, range(5, 10, "B"), { shard: rightRoot });
    await fold(OLD, [heartbeatRecord(15, minuteMs(14))], { shard: merged });
    await fold(both, range(20, 22), { shard: merged });
    expect(await answer(ever, "B", 21)).toMatchObject({ status: "unknown" });
  });

  it("was left out of by each of two releases, and is listed no more when the view returns", async () => {
    const { fold, answer } = await createReleases([listed(leftRoot, [], true)]);
    await fold([cardPlan, ever], range(0, 5));
    await fold(OLD, range(5, 10));
    await fold(TWO, range(10, 15));
    await fold(TWO, range(15, 20), { shard: left });
    await fold([cardPlan, ever], range(20, 25), { shard: leftRoot });
    expect(await answer(ever, "A", 24)).toMatchObject({ status: "unknown" });
  });

  it("warms for a new view by itself, though others were given it before and its parent again since", async () => {
    const { fold, answer } = await createReleases(SPLIT);
    await fold(OLD, range(0, 5));
    await fold(OLD, range(5, 10), { shard: left });
    await fold(TWO, range(0, 5));
    await fold(TWO, range(20, 22), { shard: left });
    await fold(TWO, range(20, 22, "B"), { shard: right });
    expect(await answer(brief, "A", 21)).toMatchObject({ warming: true });
  });

  it("lacks nothing of what no view can take, whoever was given it", async () => {
    const { fold, answer } = await createReleases();
    await fold([cardPlan, ever], range(0, 5));
    expect((await fold(OLD, [heartbeatRecord(6, minuteMs(5))])).failures).toEqual([]);
    await fold([cardPlan, ever], range(6, 8));
    expect(await answer(ever, "A", 7)).toMatchObject({ status: "fresh", values: { n_lifetime: 7 } });
  });

  it("is warm again for a late invocation no sooner than what a release of no views was given", async () => {
    const { store, fold, answer } = await createReleases();
    await fold(TWO, range(0, 5));
    const held = holdAt(store, parent, 0);
    const running = fold(TWO, range(5, 7), { through: held.store });
    await held.isHeld;
    await fold([], range(5, 20));
    held.goOn();
    await running;
    await fold(TWO, range(20, 23));
    expect(await answer(brief, "A", 22)).toMatchObject({ status: "warming" });
  });

  it("is an aggregator's by whatever name", async () => {
    const { fold } = await createReleases();
    for (const minute of [0, 5]) {
      const { failures } = await fold(OLD, range(minute, minute + 5), { aggregator: "constructor" });
      expect(failures).toEqual([]);
    }
  });
});
