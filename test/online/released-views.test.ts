import { describe, expect, it } from "vitest";
import type { ViewPlan } from "../../lib/engine/plan.ts";
import { readProgress } from "../../lib/online/progress.ts";
import { noteIn, releasedViewsKey } from "../../lib/online/release-note.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { cardPlan, merchantPlan } from "./fixtures/payments.ts";
import {
  at,
  createReleases,
  ever,
  type Folding,
  left,
  listed,
  minuteMs,
  parent,
  range,
  right,
} from "./fixtures/releases.ts";

const OLD = [cardPlan];
const BOTH = [cardPlan, merchantPlan];

/** Releases that fold payments of a minute each, one release behind the other, and what a reader is answered in the last. */
async function setUp(...children: readonly ShardWithAncestors[]) {
  const { store, fold, answer } = await createReleases([
    listed(parent, [], children.length === 0),
    ...children.map((child) => listed(child, [parent.writer], true)),
  ]);
  let minute = 0;
  return {
    store,
    async release(views: readonly ViewPlan[], untilMinute: number, folding: Folding = {}) {
      const report = await fold(views, range(minute, untilMinute), folding);
      if (report.failedSequenceNumber === null) minute = untilMinute;
      return report;
    },
    answer: (plan: ViewPlan, key: string) => answer(plan, key, minute - 1),
  };
}

describe("a view that a release left out and a later one has again (R2, R7, R11)", () => {
  it.each<[string, readonly (readonly [readonly ViewPlan[], number])[], number]>([
    [
      "was warm, and away for ten minutes",
      [
        [BOTH, 180],
        [OLD, 190],
        [BOTH, 195],
      ],
      55,
    ],
    [
      "was rolled back by its canary, and deployed again three hours later",
      [
        [BOTH, 5],
        [OLD, 185],
        [BOTH, 195],
      ],
      10,
    ],
    [
      "was the only one, and another the only one meanwhile",
      [
        [[merchantPlan], 180],
        [OLD, 190],
        [[merchantPlan], 195],
      ],
      55,
    ],
    [
      "was the only one, and none was folded meanwhile",
      [
        [[merchantPlan], 180],
        [[], 190],
        [[merchantPlan], 195],
      ],
      55,
    ],
  ])("warms again, where it %s", async (_, releases, held) => {
    const { release, answer } = await setUp();
    for (const [views, untilMinute] of releases) await release(views, untilMinute);
    expect(await answer(merchantPlan, "M")).toMatchObject({
      status: "warming",
      warming: true,
      values: { count_1h: held },
    });
    await release(releases.at(-1)![0], 261);
    // An hour, its five-minute tile, and what is dated ahead have passed since the view returned.
    expect(await answer(merchantPlan, "M")).toMatchObject({ status: "fresh", values: { count_1h: 61 } });
  });

  it("leaves the others as they were", async () => {
    const { release, answer } = await setUp();
    await release(BOTH, 180);
    await release(OLD, 190);
    await release(BOTH, 195);
    expect(await answer(cardPlan, "A")).toMatchObject({ status: "fresh", values: { count_1h: 65 } });
  });

  it("lacks nothing of a shard that delivered nothing meanwhile", async () => {
    const { release, answer } = await setUp();
    await release(BOTH, 180);
    await release(BOTH, 195);
    expect(await answer(merchantPlan, "M")).toMatchObject({ status: "fresh" });
  });

  it("is unknown where a lifetime would lack it for good", async () => {
    const { release, answer } = await setUp();
    await release([cardPlan, ever], 10);
    await release(OLD, 20);
    await release([cardPlan, ever], 600);
    expect(await answer(ever, "A")).toMatchObject({ status: "unknown", values: { n_lifetime: 590 } });
  });

  it("is unknown too where its first release ended before there was progress", async () => {
    const { release, answer, store } = await setUp();
    const through = createFaultyStore(store);
    through.onPut = ({ pk }) => (pk.startsWith("#progress") ? "lost" : null);
    await release([cardPlan, ever], 10, { through });
    await release(OLD, 20);
    await release([cardPlan, ever], 600);
    expect(await answer(ever, "A")).toMatchObject({ status: "unknown" });
  });

  it("warms again though its shard was split meanwhile, in each child", async () => {
    const { release, answer, store } = await setUp(left, right);
    await release(BOTH, 180);
    await release(OLD, 185);
    await release(OLD, 190, { shard: left });
    await release(BOTH, 195, { shard: left });
    await release(BOTH, 200, { shard: right });
    expect(await answer(merchantPlan, "M")).toMatchObject({ warming: true });
    const since = async ({ writer }: { readonly writer: string }) =>
      (await readProgress(store, ["merchant@1"], writer)).get("merchant@1")!.sinceMs;
    expect(await since(left)).toBe(minuteMs(190));
    expect(await since(right)).toBe(minuteMs(195));
  });

  it("warms again though it returns in a child that no other release was given a batch of", async () => {
    const { release, answer } = await setUp(left);
    await release(BOTH, 180);
    await release(OLD, 190);
    await release(BOTH, 195, { shard: left });
    expect(await answer(merchantPlan, "M")).toMatchObject({ status: "warming" });
  });

  it("lacks nothing in a child whose parent it has been folded of to its end", async () => {
    const { release, answer } = await setUp(left);
    await release(BOTH, 180);
    await release(BOTH, 195, { shard: left });
    expect(await answer(merchantPlan, "M")).toMatchObject({ status: "fresh" });
  });

  it("that is new begins warming, and is not taken for one that returns at the next split", async () => {
    const { release, answer } = await setUp(left);
    await release(OLD, 10);
    await release(BOTH, 180);
    await release(BOTH, 195, { shard: left });
    expect(await answer(merchantPlan, "M")).toMatchObject({ status: "fresh" });
  });

  it("is another aggregator's of the table all the while", async () => {
    const { release, answer } = await setUp();
    for (let minute = 0; minute < 200; minute += 10) {
      await release(OLD, minute + 5, { aggregator: "fraud" });
      await release([merchantPlan], minute + 10, { aggregator: "others" });
    }
    expect(await answer(merchantPlan, "M")).toMatchObject({ status: "fresh" });
  });

  it("lacks nothing that is known of a table from before releases were noted", async () => {
    const { release, answer, store } = await setUp();
    await release(BOTH, 180);
    const pk = releasedViewsKey(parent.writer);
    store.items.delete(pk);
    await release(BOTH, 195);
    expect(await answer(merchantPlan, "M")).toMatchObject({ status: "fresh" });
    expect(noteIn(store.items.get(pk), "fraud")).toMatchObject({ folds: ["card@1", "merchant@1"] });
  });

  it.each(["#progress", "#views"])(
    "warms again though %s could not be written at first, and nothing is folded before",
    async (prefix) => {
      const { release, answer, store } = await setUp();
      await release(BOTH, 180);
      await release(OLD, 190);
      const before = store.items.get("card@1|sA");
      const through = createFaultyStore(store);
      through.onPut = ({ pk }) => (pk.startsWith(prefix) ? "unavailable" : null);
      const report = await release(BOTH, 195, { through });
      expect(report.failedSequenceNumber).toBe(at(190).sequenceNumber);
      expect(store.items.get("card@1|sA")).toEqual(before);
      await release(BOTH, 195);
      expect(await answer(merchantPlan, "M")).toMatchObject({ status: "warming" });
    },
  );
});
