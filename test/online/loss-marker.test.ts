import { describe, expect, it } from "vitest";
import { view } from "../../lib/define/index.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { markUnknown } from "../../lib/online/amend-progress.ts";
import { createLossMarker } from "../../lib/online/loss-marker.ts";
import { readProgress } from "../../lib/online/progress.ts";
import type { StateStore } from "../../lib/online/state-store.ts";
import { cardPlan, merchantPlan, payments } from "./fixtures/payments.ts";
import { heartbeatRecord } from "./fixtures/records.ts";
import {
  at,
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

/** The next version of a view of which nothing was folded yet. */
const next = ({ view: { name, entity } }: ViewPlan) =>
  planView(
    view(name, {
      version: 2,
      source: payments,
      entity: entity[0] as "card" | "merchant",
      sla: "1m",
      features: (t) => ({ n: t.count().over("1h") }),
    }),
  );

/** Two aggregators of a table, and a marker of definitions, told of a batch that was lost. */
async function lose(plans: readonly ViewPlan[]) {
  const { store, fold } = await createReleases();
  await fold([cardPlan], range(0, 5), { aggregator: "fraud" });
  await fold([merchantPlan], range(0, 5), { aggregator: "shops" });
  return mark(store, plans);
}

/** A marker is told that records of the parent were lost. */
function mark(store: StateStore, plans: readonly ViewPlan[]) {
  const directory = { shardOf: async () => parent, descendantsOf: async () => [left, right] };
  const marker = createLossMarker({ store, directory, plans });
  return marker({ source: payments, shardId: "shardId-000000000000" });
}

it("marks the versions that were folded last beside those that are deployed (R2)", async () => {
  expect(await lose([next(cardPlan), next(merchantPlan)])).toEqual([
    "card@2",
    "merchant@2",
    "card@1",
    "merchant@1",
  ]);
});

it("marks a view that is left out and lacks nothing yet: it would go on, where it returns, as if nothing were lost", async () => {
  const { store, fold } = await createReleases();
  await fold([cardPlan, ever], range(0, 5));
  await fold([cardPlan], [heartbeatRecord(6, minuteMs(5))]);
  expect(await mark(store, [cardPlan])).toEqual(["card@1", "ever@1"]);
});

it("leaves alone what another aggregator folds into the table", async () => {
  expect(await lose([cardPlan])).toEqual(["card@1"]);
  expect(await lose([next(cardPlan)])).toEqual(["card@2", "card@1"]);
});

it("marks the shards that came of it, which may have begun: the mark would go with the one that is listed no more", async () => {
  const { store, fold, answer, list } = await createReleases(SPLIT);
  await fold([cardPlan, ever], range(0, 10));
  // What follows is given up, and the message of it comes late.
  await fold([cardPlan, ever], range(15, 20), { shard: left });
  await mark(store, [cardPlan, ever]);
  const days = Array.from({ length: 10 }, (_, day) => at((day + 1) * 24 * 60));
  for (const record of days) await fold([cardPlan, ever], [record], { shard: left });
  await list(SPLIT.slice(1));
  expect(await answer(ever, "A", 10 * 24 * 60)).toMatchObject({ status: "unknown" });
});

it("marks what was folded of a parent last, where another aggregator alone was given the child", async () => {
  const { store, fold } = await createReleases(SPLIT);
  await fold([cardPlan, ever], range(0, 10), { aggregator: "fraud" });
  await fold([merchantPlan], range(0, 10), { aggregator: "shops" });
  await fold([merchantPlan], range(10, 20), { aggregator: "shops", shard: left });
  const directory = { shardOf: async () => left, descendantsOf: async () => [] };
  const marker = createLossMarker({ store, directory, plans: [cardPlan] });
  const marked = await marker({ source: payments, shardId: "shardId-000000000001" });
  expect(marked).toEqual(["card@1", "ever@1"]);
});

it("does not begin a view that has not begun the shard: a release without it may have finished what followed (R15)", async () => {
  const { store, fold } = await createReleases();
  await fold([merchantPlan], range(0, 3));
  await fold([merchantPlan], range(4, 6));
  // The marker is of a release that has one view more.
  await mark(store, [cardPlan, merchantPlan]);
  await fold([cardPlan, merchantPlan], range(6, 8));
  const { fromSequenceNumber } = (await readProgress(store, ["card@1"], parent.writer)).get("card@1")!;
  expect(fromSequenceNumber).toBe(at(6).sequenceNumber);
});

describe("a mark that is inherited", () => {
  it("is that of any parent", async () => {
    const { store, fold, answer, list } = await createReleases(ROOTS);
    const merged = mergedOf(ROOTS);
    await fold([cardPlan], range(0, 5, "A"), { shard: leftRoot });
    await fold([cardPlan], range(0, 5, "B"), { shard: rightRoot });
    await markUnknown(store, "card@1", rightRoot);
    await fold([cardPlan], range(5, 10), { shard: merged });
    await list([listed(merged, [left.writer, right.writer], true)]);
    expect(await answer(cardPlan, "A", 9)).toMatchObject({ status: "unknown" });
  });

  it("is a view's that begins after others of its release", async () => {
    const { store, fold, answer, list } = await createReleases(SPLIT);
    await fold([cardPlan, ever], range(0, 5));
    await markUnknown(store, "card@1", parent);
    await fold([ever], range(5, 10), { shard: left });
    await fold([cardPlan, ever], range(10, 15), { shard: left });
    await list(SPLIT.slice(1, 2));
    expect(await answer(cardPlan, "A", 14)).toMatchObject({ status: "unknown" });
    expect(await answer(ever, "A", 14)).toMatchObject({ status: "fresh" });
  });
});
