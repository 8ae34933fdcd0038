import { describe, expect, it } from "vitest";
import type { ViewPlan } from "../../lib/engine/plan.ts";
import type { ControlShard } from "../../lib/online/control.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import type { StateStore } from "../../lib/online/state-store.ts";
import { holdAt } from "./fixtures/held-invocation.ts";
import { expectHonest } from "./fixtures/honest-answers.ts";
import { cardPlan } from "./fixtures/payments.ts";
import {
  brief,
  createReleases,
  ever,
  left,
  leftRoot,
  listed,
  mergedOf,
  parent,
  ROOTS,
  range,
  SPLIT,
} from "./fixtures/releases.ts";

const OLD = [cardPlan];
const BOTH = [cardPlan, brief, ever];
const NEW = [brief, ever];

/** A batch of card A's payments, from one minute up to before another, as a release is given it. */
type Delivery = readonly [views: readonly ViewPlan[], from: number, to: number, shard?: ShardWithAncestors];

interface Schedule {
  readonly shards?: readonly ControlShard[];
  readonly before: readonly Delivery[];
  /** The invocation that times out, and goes on. */
  readonly late: Delivery;
  /** From the batch on that it was given, as nobody has finished it. */
  readonly after: readonly Delivery[];
}

const SCHEDULES: readonly (readonly [name: string, schedule: Schedule])[] = [
  [
    "its release has views that are new, and is rolled back",
    {
      before: [[OLD, 0, 5]],
      late: [BOTH, 5, 10],
      after: [
        [OLD, 5, 10],
        [OLD, 10, 20],
        [BOTH, 20, 30],
      ],
    },
  ],
  [
    "its release has views that are new and none of the others, and is rolled back",
    {
      before: [[OLD, 0, 5]],
      late: [NEW, 5, 10],
      after: [
        [OLD, 5, 10],
        [OLD, 10, 20],
        [NEW, 20, 30],
      ],
    },
  ],
  [
    "its release is the first, and what follows leaves a view out",
    {
      before: [],
      late: [BOTH, 0, 5],
      after: [
        [OLD, 0, 5],
        [OLD, 5, 15],
        [BOTH, 15, 25],
      ],
    },
  ],
  [
    "its release is the one that a rollback goes back from",
    {
      before: [[BOTH, 0, 5]],
      late: [BOTH, 5, 10],
      after: [
        [OLD, 5, 10],
        [OLD, 10, 20],
        [BOTH, 20, 30],
      ],
    },
  ],
  [
    "its release has views again that were left out",
    {
      before: [
        [BOTH, 0, 5],
        [OLD, 5, 10],
      ],
      late: [BOTH, 10, 15],
      after: [
        [OLD, 10, 15],
        [OLD, 15, 25],
        [BOTH, 25, 35],
      ],
    },
  ],
  [
    "its release leaves views out, and the next has them again",
    {
      before: [[BOTH, 0, 5]],
      late: [OLD, 5, 10],
      after: [
        [BOTH, 5, 10],
        [BOTH, 10, 20],
        [OLD, 20, 25],
        [BOTH, 25, 35],
      ],
    },
  ],
  [
    "its shard is drained by a release without its views, and they return in a child",
    {
      shards: SPLIT,
      before: [[BOTH, 0, 5]],
      late: [BOTH, 5, 10],
      after: [
        [OLD, 5, 10],
        [OLD, 10, 20],
        [BOTH, 20, 30, left],
      ],
    },
  ],
  [
    "its shard is drained by a release without its new views, and they begin in a child",
    {
      shards: SPLIT,
      before: [[OLD, 0, 5]],
      late: [BOTH, 5, 10],
      after: [
        [OLD, 5, 10],
        [BOTH, 10, 20, left],
        [OLD, 20, 25, left],
        [BOTH, 25, 35, left],
      ],
    },
  ],
  [
    "its shard is drained by a release without its new views, which begins the child too",
    {
      shards: SPLIT,
      before: [[OLD, 0, 5]],
      late: [BOTH, 5, 10],
      after: [
        [OLD, 5, 10],
        [OLD, 10, 20, left],
        [BOTH, 20, 30, left],
      ],
    },
  ],
  [
    "a release of no views follows, which has no progress to tell by",
    {
      before: [],
      late: [NEW, 0, 5],
      after: [
        [[], 0, 5],
        [[], 5, 20],
        [NEW, 20, 30],
      ],
    },
  ],
  [
    "its release has views again that one of no views left out",
    {
      before: [
        [NEW, 0, 5],
        [[], 5, 10],
      ],
      late: [NEW, 10, 15],
      after: [
        [[], 10, 20],
        [[], 20, 30],
        [NEW, 30, 40],
      ],
    },
  ],
  [
    "its shard is merged meanwhile",
    {
      shards: [
        listed(leftRoot, [], false),
        listed({ ...ROOTS[1]!, ancestors: [] }, [], false),
        listed(mergedOf(ROOTS), [ROOTS[0]!.writer, ROOTS[1]!.writer], true),
      ],
      before: [[BOTH, 0, 5, leftRoot]],
      late: [BOTH, 5, 10, leftRoot],
      after: [
        [OLD, 5, 10, leftRoot],
        [OLD, 10, 20, mergedOf(ROOTS)],
        [BOTH, 20, 30, mergedOf(ROOTS)],
      ],
    },
  ],
];

describe("an invocation that goes on after its time, while releases come and go (R1, R2, R11)", () => {
  describe.each(SCHEDULES)("%s", (_, schedule) => {
    it("whenever it is held up, and goes on: no answer is called fresh that lacks anything", async () => {
      const calls = await run(schedule, { heldAt: Number.POSITIVE_INFINITY, goesOnBefore: 0 });
      expect(calls).toBeGreaterThan(4);
      for (let heldAt = 0; heldAt < calls; heldAt++) {
        for (let goesOnBefore = 1; goesOnBefore <= schedule.after.length; goesOnBefore++) {
          await run(schedule, { heldAt, goesOnBefore });
        }
      }
    });

    it("though it goes on in the middle of another's, wherever that is held up", async () => {
      for (let goesOnIn = 0; goesOnIn < schedule.after.length; goesOnIn++) {
        for (const heldAt of [0, 1, 4]) {
          let calls = Number.POSITIVE_INFINITY;
          for (let otherHeldAt = 0; otherHeldAt < calls; otherHeldAt++) {
            calls = await run(schedule, { heldAt, goesOnIn, otherHeldAt });
          }
        }
      }
    });
  });
});

/** When the late invocation goes on that is held up at one of its calls: before a delivery, or in the middle of one. */
type GoesOn =
  | { readonly heldAt: number; readonly goesOnBefore: number }
  | { readonly heldAt: number; readonly goesOnIn: number; readonly otherHeldAt: number };

/** @returns how many calls the invocation made of the table that is held up last. */
async function run({ shards, before, late, after }: Schedule, goesOn: GoesOn): Promise<number> {
  const { store, fold, answer } = await createReleases(shards);
  const about = JSON.stringify(goesOn);
  const shardOf: string[] = [];
  const check = () => expectHonest({ store, answer, shardOf, about });
  const deliver = ([views, from, to, shard = parent]: Delivery, through: StateStore) =>
    fold(views, range(from, to), { shard, through });
  /** The mapping delivers what was not finished again. */
  const finish = async (delivery: Delivery, through: StateStore = store) => {
    const { failedSequenceNumber } = await deliver(delivery, through);
    for (let times = 0, failed = failedSequenceNumber; failed !== null; times++) {
      if (times === 5) throw new Error(`${delivery.slice(1)} is never finished, ${about}.`);
      failed = (await deliver(delivery, store)).failedSequenceNumber;
    }
    const [, , to, { writer } = parent] = delivery;
    while (shardOf.length < to) shardOf.push(writer);
  };

  for (const delivery of before) await finish(delivery);
  const held = holdAt(store, late[3] ?? parent, goesOn.heldAt);
  const running = deliver(late, held.store);
  const goOn = async () => {
    held.goOn();
    await running;
  };
  await Promise.race([running, held.isHeld]);
  let last = held;
  for (const [index, delivery] of after.entries()) {
    if ("goesOnBefore" in goesOn && index === goesOn.goesOnBefore) {
      await goOn();
      if (index > 0) await check();
    }
    if ("goesOnIn" in goesOn && index === goesOn.goesOnIn) {
      last = holdAt(store, delivery[3] ?? parent, goesOn.otherHeldAt);
      const finishing = finish(delivery, last.store);
      await Promise.race([finishing, last.isHeld]);
      await goOn();
      last.goOn();
      await finishing;
    } else await finish(delivery);
    await check();
  }
  await goOn();
  await check();
  const [views, , to, shard] = after.at(-1)!;
  await finish([views, to, to + 30, shard ?? parent]);
  await check();
  expect((await answer(brief, "A", to + 29)).status, about).toBe("fresh");
  expect([...held.behind, ...last.behind], about).toEqual([]);
  return last.calls();
}
