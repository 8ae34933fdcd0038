import { describe, expect, it } from "vitest";
import { z } from "zod";
import { source, view } from "../../lib/define/index.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import type { DeliveredRecord } from "../../lib/engine/record.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import {
  type ControlShard,
  controlAttributes,
  controlKey,
  keepClosedMs,
  mergeControl,
  parseControl,
} from "../../lib/online/control.ts";
import { createReader } from "../../lib/online/reader.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import type { StateStore } from "../../lib/online/state-store.ts";
import { createWriteLoop } from "../../lib/online/write-loop.ts";
import { createAggregator } from "./fixtures/aggregator.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { createMemoryStateStore } from "./fixtures/memory-state-store.ts";
import { cardPlan, payments } from "./fixtures/payments.ts";
import {
  heartbeatRecord,
  paymentRecord,
  START_MS,
  sequenceNumber,
  wholeShard,
  writerOf,
} from "./fixtures/records.ts";

const MINUTE_MS = 60_000;
const LEFT = { start: "0".repeat(32), end: `7${"f".repeat(31)}` };
const RIGHT = { start: `8${"0".repeat(31)}`, end: "f".repeat(32) };
const parent = wholeShard;
const left: ShardWithAncestors = { writer: writerOf(1), hashRange: LEFT, ancestors: [parent.writer] };
const right: ShardWithAncestors = { writer: writerOf(2), hashRange: RIGHT, ancestors: [parent.writer] };
const merged: ShardWithAncestors = {
  writer: writerOf(3),
  hashRange: parent.hashRange!,
  ancestors: [left.writer, right.writer],
  ancestorsOf: new Map([
    [left.writer, []],
    [right.writer, []],
  ]),
};

const ever = planView(
  view("ever", {
    version: 1,
    source: payments,
    entity: "card",
    sla: "1m",
    features: (t) => ({ n: t.count().lifetime() }),
  }),
);
/** A card's last five minutes. */
const brief = planView(
  view("brief", {
    version: 1,
    source: payments,
    entity: "card",
    sla: "1m",
    features: (t) => ({ n: t.count().over("5m") }),
  }),
);
const OLD = [cardPlan];

/** A payment of card A (left half) or B (right half) at a minute of the test. */
const at = (minute: number, card = "A") =>
  paymentRecord(
    minute + 1,
    { at: START_MS + minute * MINUTE_MS, card },
    { arrivalMs: START_MS + minute * MINUTE_MS },
  );
const range = (from: number, to: number, card = "A") =>
  Array.from({ length: to - from }, (_, index) => at(from + index, card));

function shardOf(
  { writer, hashRange }: ShardWithAncestors,
  parents: readonly string[],
  open: boolean,
): ControlShard {
  return { writer, hashRange: hashRange!, parents, open, closedMs: open ? null : START_MS };
}

async function setUp(shards: readonly ControlShard[] = [shardOf(parent, [], true)]) {
  const store = createMemoryStateStore();
  const objects = createMemoryObjectStore();
  const list = async (listed: readonly ControlShard[]) => {
    const attributes = controlAttributes({ arn: "payments", createdMs: START_MS, shards: listed });
    store.items.delete(controlKey("payments"));
    await store.put({ pk: controlKey("payments"), ...attributes }, { expected: null });
  };
  await list(shards);
  let releases = 0;
  return {
    store,
    list,
    /** One invocation, by a process of its own. */
    fold(
      views: readonly ViewPlan[],
      records: readonly DeliveredRecord[],
      shard: ShardWithAncestors = parent,
      through: StateStore = store,
    ) {
      const processId = `process ${releases++}`;
      const folding = createAggregator({ store: through, objects, processId, views, aggregator: "fraud" });
      return folding.process(records, shard);
    },
    async answer(plan: ViewPlan, key: string, minute: number) {
      const reader = createReader({ store, clock: { now: () => START_MS + minute * MINUTE_MS } });
      const [reading] = await reader.read([{ plan, key: [key] }]);
      return reading!;
    },
  };
}
const SPLIT = [
  shardOf(parent, [], false),
  shardOf(left, [parent.writer], true),
  shardOf(right, [parent.writer], true),
];

describe("a view that was left out is not called fresh without what was delivered meanwhile (R2, R11)", () => {
  it("a lifetime, in the second child that it returns in (the first is unknown)", async () => {
    const { fold, answer } = await setUp(SPLIT);
    await fold([cardPlan, ever], range(0, 10, "B"));
    await fold(OLD, range(10, 20, "B"));
    await fold([cardPlan, ever], range(20, 25, "A"), left);
    await fold([cardPlan, ever], range(25, 30, "B"), right);
    expect(await answer(ever, "A", 29)).toMatchObject({ status: "unknown" });
    expect(await answer(ever, "B", 29)).toMatchObject({ values: { n_lifetime: 15 }, status: "unknown" });
  });

  it("an invocation from before the rollback notes its release while the old one folds on", async () => {
    const { fold, answer, store } = await setUp();
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
    const late = fold(BOTH, range(60, 61), parent, through);
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
    const { fold, answer, store, list } = await setUp();
    await fold([cardPlan, ever], range(0, 10));
    await fold(OLD, range(10, 20));
    await fold([cardPlan, ever], range(20, 25));
    expect(await answer(ever, "A", 24)).toMatchObject({ status: "unknown" });
    await list(SPLIT);
    await fold([cardPlan, ever], range(25, 30), left);
    await fold([cardPlan, ever], range(25, 30, "B"), right);
    expect(await answer(ever, "A", 29)).toMatchObject({ status: "unknown" });
    // Records go on; ten days on the stream has let go of the parent, and so does control.
    const minute = 10 * 24 * 60;
    for (let each = 24 * 60; each <= minute; each += 24 * 60) {
      await fold([cardPlan, ever], [at(each)], left);
      await fold([cardPlan, ever], [at(each, "B")], right);
    }
    const listed = parseControl(store.items.get(controlKey("payments"))!);
    const { shards } = mergeControl(
      listed,
      // Of another incarnation's name, so that each is looked at by its age alone.
      { arn: "payments", createdMs: START_MS, shards: [] },
      { nowMs: START_MS + minute * MINUTE_MS, keepMs: keepClosedMs([cardPlan, ever]) },
    );
    expect(shards.map(({ writer }) => writer)).not.toContain(parent.writer);
    await list(SPLIT.slice(1));
    expect(await answer(ever, "A", minute)).toMatchObject({ status: "unknown" });
  });
});

describe("a view that lacks nothing is not said to (R7)", () => {
  it("a lifetime, where shards merge of which one delivered nothing since it is there", async () => {
    const { fold, answer, list } = await setUp([shardOf(left, [], true), shardOf(right, [], true)]);
    const roots = { left: { ...left, ancestors: [] }, right: { ...right, ancestors: [] } };
    await fold(OLD, range(0, 5, "A"), roots.left);
    await fold(OLD, range(0, 5, "B"), roots.right);
    await fold([cardPlan, ever], range(5, 10, "B"), roots.right);
    expect(await answer(ever, "B", 9)).toMatchObject({ status: "fresh" });
    await list([
      shardOf(left, [], false),
      shardOf(right, [], false),
      shardOf(merged, [left.writer, right.writer], true),
    ]);
    await fold([cardPlan, ever], range(10, 15, "B"), merged);
    expect(await answer(ever, "B", 14)).toMatchObject({ values: { n_lifetime: 10 }, status: "fresh" });
  });

  it("windows, in the same merge", async () => {
    const { fold, answer, list } = await setUp([shardOf(left, [], true), shardOf(right, [], true)]);
    const roots = { left: { ...left, ancestors: [] }, right: { ...right, ancestors: [] } };
    await fold(OLD, range(0, 5, "A"), roots.left);
    await fold(OLD, range(0, 5, "B"), roots.right);
    await fold([cardPlan, brief], range(5, 100, "B"), roots.right);
    expect(await answer(brief, "B", 99)).toMatchObject({ status: "fresh" });
    await list([
      shardOf(left, [], false),
      shardOf(right, [], false),
      shardOf(merged, [left.writer, right.writer], true),
    ]);
    await fold([cardPlan, brief], range(100, 101, "B"), merged);
    expect(await answer(brief, "B", 100)).toMatchObject({ values: { n_5m: 6 }, status: "fresh" });
  });

  it("a lifetime, where the other release had heartbeats alone", async () => {
    const { fold, answer } = await setUp();
    await fold([cardPlan, ever], range(0, 5));
    await fold(OLD, [heartbeatRecord(7, START_MS + 5 * MINUTE_MS)]);
    await fold([cardPlan, ever], range(10, 15));
    expect(await answer(ever, "A", 14)).toMatchObject({ values: { n_lifetime: 10 }, status: "fresh" });
  });

  it("a lifetime in a child, where the other release was given the other child alone", async () => {
    const { fold, answer } = await setUp(SPLIT);
    await fold([cardPlan, ever], range(0, 10, "B"));
    await fold(OLD, range(10, 20, "A"), left);
    await fold([cardPlan, ever], range(25, 30, "B"), right);
    await fold([cardPlan, ever], range(20, 25, "A"), left);
    expect(await answer(ever, "B", 29)).toMatchObject({ values: { n_lifetime: 15 }, status: "fresh" });
  });

  it("windows of a child that delivered nothing meanwhile, by its sibling that did", async () => {
    const { fold, answer } = await setUp(SPLIT);
    const BOTH = [cardPlan, brief];
    await fold(BOTH, range(0, 60, "B"));
    await fold(BOTH, range(60, 80, "A"), left);
    await fold(BOTH, range(60, 80, "B"), right);
    await fold(OLD, range(80, 81, "A"), left);
    await fold(BOTH, range(81, 82, "A"), left);
    await fold(BOTH, range(80, 82, "B"), right);
    expect(await answer(brief, "A", 81)).toMatchObject({ status: "warming" });
    expect(await answer(brief, "B", 81)).toMatchObject({ values: { n_5m: 6 }, status: "fresh" });
  });
});

it("folds nothing of a parent, behind its child, whose only batch crashed before its progress (R1)", async () => {
  const { fold, store } = await setUp(SPLIT);
  await fold(OLD, range(0, 5));
  const through = createFaultyStore(store);
  through.onPut = ({ pk }) => (pk.startsWith("#progress") ? new Promise<null>(() => {}) : null);
  void fold([cardPlan, ever], range(5, 10), parent, through);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await fold(OLD, range(5, 20));
  await fold([cardPlan, ever], range(20, 25), left);
  // A mapping made again begins at the oldest record.
  const again = await fold([cardPlan, ever], range(0, 20), parent);
  expect(again.views["ever@1"]).toMatchObject({ folded: 0 });
});

it("warms from the latest arrival that was left out, where a source declares arrivals out of order", async () => {
  const replayed = source("payments", {
    schema: z.object({ id: z.string(), card: z.string(), at: z.number(), put: z.number() }),
    partitionKey: "card",
    eventTime: "at",
    eventId: "id",
    arrivalTime: "put",
  });
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
  const { store } = await setUp();
  const objects = createMemoryObjectStore();
  let n = 0;
  const put = (minute: number) => {
    const ms = START_MS + minute * MINUTE_MS;
    const row = { id: `p${n}`, card: "A", at: ms, put: ms };
    return {
      data: Buffer.from(JSON.stringify(row)),
      partitionKey: "A",
      sequenceNumber: sequenceNumber(n++),
      approximateArrivalMs: START_MS + 600 * MINUTE_MS,
    };
  };
  const fold = (plans: readonly ViewPlan[], minutes: readonly number[]) =>
    createWriteLoop({ source: replayed, plans, store, objects, processId: `p${n}` }).processBatch({
      shard: parent,
      records: minutes.map(put),
    });
  await fold([one, two], [0, 30, 60]);
  await fold([one], [66, 67, 68, 69, 70]);
  // Two hosts' logs, replayed one behind the other.
  await fold([one, two], [61, 62, 72]);
  const reader = createReader({ store, clock: { now: () => START_MS + 72 * MINUTE_MS } });
  const [reading] = await reader.read([{ plan: two, key: ["A"] }]);
  expect(reading).toMatchObject({ values: { n_5m: 1 }, status: "warming" });
});
