import { describe, expect, it } from "vitest";
import { view } from "../../lib/define/index.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import { type ControlShard, controlAttributes, controlKey } from "../../lib/online/control.ts";
import { readProgress } from "../../lib/online/progress.ts";
import { createReader } from "../../lib/online/reader.ts";
import { releasedViewsKey } from "../../lib/online/released-views.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import type { StateStore } from "../../lib/online/state-store.ts";
import { createAggregator } from "./fixtures/aggregator.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { cardPlan, merchantPlan, payments } from "./fixtures/payments.ts";
import { paymentRecord, START_MS, wholeShard, writerOf } from "./fixtures/records.ts";

const MINUTE_MS = 60_000;
const OLD = [cardPlan];
const BOTH = [cardPlan, merchantPlan];
const left = { ...wholeShard, writer: writerOf(1), ancestors: [wholeShard.writer] };
const right = { ...wholeShard, writer: writerOf(2), ancestors: [wholeShard.writer] };

const ever = planView(
  view("ever", {
    version: 1,
    source: payments,
    entity: "card",
    sla: "1m",
    features: (t) => ({ n: t.count().lifetime() }),
  }),
);

/** A payment to one merchant, put at a minute of the test and arriving at once. */
const at = (minute: number) =>
  paymentRecord(
    minute + 1,
    { at: START_MS + minute * MINUTE_MS },
    { arrivalMs: START_MS + minute * MINUTE_MS },
  );

/** A table, releases that fold payments of a minute each into it, and what a reader is answered in the last of them. */
async function setUp(...children: readonly ShardWithAncestors[]) {
  const store = createMemoryStateStore();
  const objects = createMemoryObjectStore();
  const control = (shard: ShardWithAncestors, open: boolean): ControlShard => ({
    writer: shard.writer,
    hashRange: shard.hashRange!,
    parents: shard.ancestors,
    open,
    closedMs: open ? null : START_MS,
  });
  const shards = [control(wholeShard, children.length === 0), ...children.map((each) => control(each, true))];
  const attributes = controlAttributes({ arn: "payments", createdMs: START_MS, shards });
  await store.put({ pk: controlKey("payments"), ...attributes }, { expected: null });
  let minute = 0;
  let releases = 0;
  return {
    store,
    objects,
    async release(
      views: readonly ViewPlan[],
      untilMinute: number,
      { shard = wholeShard, aggregator = "fraud", through = store as StateStore } = {},
    ) {
      const records = Array.from({ length: untilMinute - minute }, (_, index) => at(minute + index));
      const processId = `release ${releases++}`;
      const folding = createAggregator({ store: through, objects, processId, views, aggregator });
      const report = await folding.process(records, shard);
      if (report.failedSequenceNumber === null) minute = untilMinute;
      return report;
    },
    async answer(plan: ViewPlan, key: string) {
      const reader = createReader({ store, clock: { now: () => START_MS + (minute - 1) * MINUTE_MS } });
      const [reading] = await reader.read([{ plan, key: [key] }]);
      return reading!;
    },
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
    expect(await since(left)).toBe(START_MS + 190 * MINUTE_MS);
    expect(await since(right)).toBe(START_MS + 195 * MINUTE_MS);
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
    const pk = releasedViewsKey(wholeShard.writer);
    store.items.delete(pk);
    await release(BOTH, 195);
    expect(await answer(merchantPlan, "M")).toMatchObject({ status: "fresh" });
    expect(store.items.get(pk)).toMatchObject({ views: '{"fraud":["card@1","merchant@1"]}' });
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
