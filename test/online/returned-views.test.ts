import { describe, expect, it } from "vitest";
import { view } from "../../lib/define/index.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { controlKey, keepClosedMs, mergeControl, parseControl } from "../../lib/online/control.ts";
import { NOTHING_FOLDED } from "../../lib/online/progress.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { cardPlan } from "./fixtures/payments.ts";
import { heartbeatRecord, START_MS } from "./fixtures/records.ts";
import {
  at,
  brief,
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
import { createReplay, replayed } from "./fixtures/replay.ts";

const OLD = [cardPlan];
const DAY_MINUTES = 24 * 60;

describe("a view that was left out is not called fresh without what was delivered meanwhile (R2, R11)", () => {
  it("a lifetime, in the second child that it returns in (the first is unknown)", async () => {
    const { fold, answer } = await createReleases(SPLIT);
    await fold([cardPlan, ever], range(0, 10, "B"));
    await fold(OLD, range(10, 20, "B"));
    await fold([cardPlan, ever], range(20, 25, "A"), { shard: left });
    await fold([cardPlan, ever], range(25, 30, "B"), { shard: right });
    expect(await answer(ever, "A", 29)).toMatchObject({ status: "unknown" });
    expect(await answer(ever, "B", 29)).toMatchObject({ values: { n_lifetime: 15 }, status: "unknown" });
  });

  it("a lifetime, where the other release was given one record more than it had folded", async () => {
    const { fold, answer } = await createReleases();
    await fold([cardPlan, ever], range(0, 10));
    await fold(OLD, range(6, 11));
    await fold([cardPlan, ever], range(11, 15));
    expect(await answer(ever, "A", 14)).toMatchObject({ values: { n_lifetime: 14 }, status: "unknown" });
  });

  it("where its half delivered nothing until it was merged with the other, which it returned in", async () => {
    const merged = mergedOf(SPLIT);
    const { fold, answer, list } = await createReleases();
    await fold([cardPlan, brief], range(0, 100, "B"));
    await fold(OLD, range(100, 120, "B"));
    await list(SPLIT);
    await fold([cardPlan, brief], range(120, 122), { shard: left });
    await list([
      ...SPLIT.map((shard) => ({ ...shard, open: false, closedMs: START_MS })),
      listed(merged, [left.writer, right.writer], true),
    ]);
    await fold([cardPlan, brief], range(122, 124, "B"), { shard: merged });
    expect(await answer(brief, "B", 123)).toMatchObject({ values: { n_5m: 2 }, status: "warming" });
  });

  it("a lifetime, though the invocation that it returned in ended before it was marked", async () => {
    const { fold, answer, store } = await createReleases(SPLIT);
    await fold(OLD, range(0, 5));
    const isProgress = ({ pk }: { readonly pk: string }) => pk.startsWith("#progress|ever");
    const lost = createFaultyStore(store);
    lost.onPut = (item) => (isProgress(item) && item.sequence !== NOTHING_FOLDED ? "lost" : null);
    await fold([cardPlan, ever], range(5, 10), { through: lost });
    await fold(OLD, range(10, 20));
    const ending = createFaultyStore(store);
    ending.onPut = (item) => (isProgress(item) ? "unavailable" : null);
    const ended = await fold([cardPlan, ever], range(20, 25), { shard: left, through: ending });
    expect(ended.failedSequenceNumber).toBe(at(20).sequenceNumber);
    await fold([cardPlan, ever], range(20, 25), { shard: left });
    expect(await answer(ever, "A", 24)).toMatchObject({ values: { n_lifetime: 10 }, status: "unknown" });
  });

  it("a lifetime, where the stream may have dropped records between a parent's last and its child's first", async () => {
    const { fold, answer } = await createReleases(SPLIT);
    await fold([cardPlan, ever], range(0, 10));
    const minute = 8 * DAY_MINUTES;
    await fold([cardPlan, ever], [at(minute)], { shard: left });
    await fold([cardPlan, ever], [at(minute, "B")], { shard: right });
    expect(await answer(ever, "A", minute)).toMatchObject({ status: "unknown" });
  });

  it("an invocation from before the rollback notes its release while the old one folds on", async () => {
    const { fold, answer, store } = await createReleases();
    const BOTH = [cardPlan, brief];
    await fold(BOTH, range(0, 60));
    await fold(OLD, range(60, 61));
    // A process of BOTH that was given the same batch before, timed out and goes on: held before it writes.
    let goOn = () => {};
    const held = new Promise<null>((resolve) => {
      goOn = () => resolve(null);
    });
    const through = createFaultyStore(store);
    through.onPut = ({ pk }) => (pk.startsWith("#progress|brief") ? held : null);
    const late = fold(BOTH, range(60, 61), { through });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await fold(OLD, range(61, 70));
    await fold(OLD, range(70, 73));
    goOn();
    await late;
    await fold(BOTH, range(73, 74));
    // It is away for thirteen minutes, of which it folded the first: count of five minutes should be 6.
    const reading = await answer(brief, "A", 73);
    expect(reading.values.n_5m).toBeLessThan(5);
    expect(reading.status).toBe("warming");
  });

  it("a lifetime that is unknown, whose shard was split and let go of since", async () => {
    const { fold, answer, store, list } = await createReleases();
    await fold([cardPlan, ever], range(0, 10));
    await fold(OLD, range(10, 20));
    await fold([cardPlan, ever], range(20, 25));
    expect(await answer(ever, "A", 24)).toMatchObject({ status: "unknown" });
    await list(SPLIT);
    await fold([cardPlan, ever], range(25, 30), { shard: left });
    await fold([cardPlan, ever], range(25, 30, "B"), { shard: right });
    expect(await answer(ever, "A", 29)).toMatchObject({ status: "unknown" });
    // Records go on; ten days on the stream has let go of the parent, and so does control.
    const minute = 10 * 24 * 60;
    for (let each = 24 * 60; each <= minute; each += 24 * 60) {
      await fold([cardPlan, ever], [at(each)], { shard: left });
      await fold([cardPlan, ever], [at(each, "B")], { shard: right });
    }
    const kept = parseControl(store.items.get(controlKey("payments"))!);
    const { shards } = mergeControl(
      kept,
      // Of another incarnation's name, so that each is looked at by its age alone.
      { arn: "payments", createdMs: START_MS, shards: [] },
      { nowMs: minuteMs(minute), keepMs: keepClosedMs([cardPlan, ever]) },
    );
    expect(shards.map(({ writer }) => writer)).not.toContain(parent.writer);
    await list(SPLIT.slice(1));
    expect(await answer(ever, "A", minute)).toMatchObject({ status: "unknown" });
  });
});

describe("a view that lacks nothing is not said to (R7)", () => {
  describe("where shards merge of which one delivered nothing since it is there", () => {
    const merged = mergedOf(ROOTS);

    /** A view begins in the right one at the sixth minute, and goes on in that which they are merged into. */
    async function mergeAt(
      minute: number,
      plan: ViewPlan,
      { beat = false }: { readonly beat?: boolean } = {},
    ) {
      const { fold, answer, list } = await createReleases(ROOTS);
      await fold(OLD, range(0, 5, "A"), { shard: leftRoot });
      await fold(OLD, range(0, 5, "B"), { shard: rightRoot });
      await fold([cardPlan, plan], range(5, minute, "B"), { shard: rightRoot });
      expect(await answer(plan, "B", minute - 1)).toMatchObject({ status: "fresh" });
      await list([
        listed(left, [], false),
        listed(right, [], false),
        listed(merged, [left.writer, right.writer], true),
      ]);
      if (beat) await fold(OLD, [heartbeatRecord(minute + 1, minuteMs(minute))], { shard: merged });
      await fold([cardPlan, plan], range(minute + 1, minute + 6, "B"), { shard: merged });
      return answer(plan, "B", minute + 5);
    }

    it("a lifetime", async () => {
      expect(await mergeAt(10, ever)).toMatchObject({ values: { n_lifetime: 10 }, status: "fresh" });
    });

    it("windows", async () => {
      expect(await mergeAt(100, brief)).toMatchObject({ values: { n_5m: 5 }, status: "fresh" });
    });

    it("a lifetime, though the other release had a heartbeat of the merged one", async () => {
      const reading = await mergeAt(10, ever, { beat: true });
      expect(reading).toMatchObject({ values: { n_lifetime: 10 }, status: "fresh" });
    });
  });

  it("a lifetime, where the other release had heartbeats alone", async () => {
    const { fold, answer } = await createReleases();
    await fold([cardPlan, ever], range(0, 5));
    await fold(OLD, [heartbeatRecord(7, minuteMs(5))]);
    await fold([cardPlan, ever], range(10, 15));
    expect(await answer(ever, "A", 14)).toMatchObject({ values: { n_lifetime: 10 }, status: "fresh" });
  });

  it("a lifetime, where the other release was given a record alone that no view can take", async () => {
    const { fold, answer } = await createReleases();
    await fold([cardPlan, ever], range(0, 5));
    await fold(OLD, [{ ...at(5), data: Buffer.from("{") }]);
    await fold([cardPlan, ever], range(10, 15));
    expect(await answer(ever, "A", 14)).toMatchObject({ values: { n_lifetime: 10 }, status: "fresh" });
  });

  it("windows that it has filled again, after it was left out for longer than the stream keeps records", async () => {
    const { fold, answer } = await createReleases();
    await fold([cardPlan, brief], range(0, 10));
    for (let day = 0; day <= 8; day++) await fold(OLD, [at(10 + day * DAY_MINUTES)]);
    const minute = 20 + 8 * DAY_MINUTES;
    await fold([cardPlan, brief], range(minute, minute + 30));
    expect(await answer(brief, "A", minute + 29)).toMatchObject({ values: { n_5m: 6 }, status: "fresh" });
  });

  it("a lifetime, where the other release was given again what it had folded, and a heartbeat", async () => {
    const { fold, answer } = await createReleases();
    await fold([cardPlan, ever], range(0, 10));
    // A mapping made again begins at an older record.
    await fold(OLD, range(2, 6));
    await fold(OLD, [...range(6, 10), heartbeatRecord(11, minuteMs(10))]);
    await fold([cardPlan, ever], range(11, 15));
    expect(await answer(ever, "A", 14)).toMatchObject({ values: { n_lifetime: 14 }, status: "fresh" });
  });

  it("a lifetime in a child, where the other release had heartbeats alone of it", async () => {
    const { fold, answer } = await createReleases(SPLIT);
    await fold([cardPlan, ever], range(0, 10, "B"));
    await fold([cardPlan, ever], range(0, 10, "A"), { shard: left });
    await fold(OLD, [heartbeatRecord(11, minuteMs(10))], { shard: right });
    await fold([cardPlan, ever], range(11, 15, "B"), { shard: right });
    expect(await answer(ever, "B", 14)).toMatchObject({ values: { n_lifetime: 14 }, status: "fresh" });
  });

  it("windows, once they are warm again, by a late invocation of the release that left them out", async () => {
    const { fold, answer } = await createReleases();
    await fold([cardPlan, brief], range(0, 10));
    await fold(OLD, range(10, 12));
    await fold([cardPlan, brief], range(12, 30));
    await fold(OLD, range(10, 12));
    await fold([cardPlan, brief], range(30, 31));
    expect(await answer(brief, "A", 30)).toMatchObject({ values: { n_5m: 6 }, status: "fresh" });
  });

  it("a lifetime in a child, where the other release was given the other child alone", async () => {
    const { fold, answer } = await createReleases(SPLIT);
    await fold([cardPlan, ever], range(0, 10, "B"));
    await fold(OLD, range(10, 20, "A"), { shard: left });
    await fold([cardPlan, ever], range(25, 30, "B"), { shard: right });
    await fold([cardPlan, ever], range(20, 25, "A"), { shard: left });
    expect(await answer(ever, "B", 29)).toMatchObject({ values: { n_lifetime: 15 }, status: "fresh" });
  });

  it("windows of a child that delivered nothing meanwhile, by its sibling that did", async () => {
    const { fold, answer } = await createReleases(SPLIT);
    const BOTH = [cardPlan, brief];
    await fold(BOTH, range(0, 60, "B"));
    await fold(BOTH, range(60, 80, "A"), { shard: left });
    await fold(BOTH, range(60, 80, "B"), { shard: right });
    await fold(OLD, range(80, 81, "A"), { shard: left });
    await fold(BOTH, range(81, 82, "A"), { shard: left });
    await fold(BOTH, range(80, 82, "B"), { shard: right });
    expect(await answer(brief, "A", 81)).toMatchObject({ status: "warming" });
    expect(await answer(brief, "B", 81)).toMatchObject({ values: { n_5m: 6 }, status: "fresh" });
  });
});

it("folds nothing of a parent behind its child, of which it had folded some (R1)", async () => {
  const { fold } = await createReleases(SPLIT);
  await fold([cardPlan, ever], range(0, 5));
  await fold(OLD, range(5, 20));
  await fold([cardPlan, ever], range(20, 25), { shard: left });
  const again = await fold([cardPlan, ever], range(0, 20));
  expect(again.views["ever@1"]).toMatchObject({ folded: 0 });
});

it("folds nothing of a parent, behind its child, whose only batch crashed before its progress (R1)", async () => {
  const { fold, store } = await createReleases(SPLIT);
  await fold(OLD, range(0, 5));
  const through = createFaultyStore(store);
  through.onPut = ({ pk }) => (pk.startsWith("#progress") ? new Promise<null>(() => {}) : null);
  void fold([cardPlan, ever], range(5, 10), { through });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await fold(OLD, range(5, 20));
  await fold([cardPlan, ever], range(20, 25), { shard: left });
  // A mapping made again begins at the oldest record.
  const again = await fold([cardPlan, ever], range(0, 20));
  expect(again.views["ever@1"]).toMatchObject({ folded: 0 });
});

describe("where a source declares arrivals out of order, a view warms from the latest that was left out", () => {
  const make = (name: string) =>
    planView(
      view(name, {
        version: 1,
        source: replayed,
        entity: "card",
        sla: "1m",
        features: (t) => ({ n: t.count().over("5m") }),
      }),
    );
  const [one, two] = [make("one"), make("two")];

  it.each<[string, readonly ViewPlan[], ShardWithAncestors, ShardWithAncestors]>([
    ["in the same shard", [one, two], parent, parent],
    ["by a release that has none of the others", [two], parent, parent],
    ["in a child, of what its parent delivered", [one, two], parent, left],
    ["in a child, of what that delivered", [one, two], left, left],
  ])("%s", async (_, returning, leftOutOf, returnedIn) => {
    const { fold, answer } = await createReplay(returnedIn === left ? SPLIT : undefined);
    await fold([one, two], [0, 30, 60]);
    await fold([one], [66, 67, 68, 69, 70], { shard: leftOutOf });
    // Two hosts' logs, replayed one behind the other.
    await fold(returning, [61, 62, 72], { shard: returnedIn });
    expect(await answer(two, "A", 72)).toMatchObject({ values: { n_5m: 1 }, status: "warming" });
  });

  it.each([parent, left])("a view that begins, too, as far as another was folded before", async (shard) => {
    const { fold, answer } = await createReplay(shard === left ? SPLIT : undefined);
    await fold([one], [0, 30, 60, 66, 67, 68, 69, 70]);
    await fold([one, two], [61, 62, 72], { shard });
    expect(await answer(one, "A", 72)).toMatchObject({ values: { n_5m: 5 } });
    expect(await answer(two, "A", 72)).toMatchObject({ values: { n_5m: 1 }, status: "warming" });
  });

  it("and is unknown where the stream dropped records since it returned", async () => {
    const { fold, answer } = await createReplay();
    await fold([one, two], [0, 30, 60]);
    await fold([one], [96, 97, 98, 99, 100]);
    await fold([one, two], [61], { takenAt: 601 });
    await fold([one, two], [113], { takenAt: 601 + 8 * DAY_MINUTES });
    expect(await answer(one, "A", 113)).toMatchObject({ status: "unknown" });
    expect(await answer(two, "A", 113)).toMatchObject({ status: "unknown" });
  });
});
