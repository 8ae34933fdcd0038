import fc from "fast-check";
import { expect, it } from "vitest";
import type { ViewPlan } from "../../lib/engine/plan.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { type HeldInvocation, holdAt } from "./fixtures/held-invocation.ts";
import { expectHonest } from "./fixtures/honest-answers.ts";
import { cardPlan } from "./fixtures/payments.ts";
import { writerOf } from "./fixtures/records.ts";
import { brief, createReleases, ever, left, listed, parent, range } from "./fixtures/releases.ts";

const RELEASES: Readonly<Record<string, readonly ViewPlan[]>> = {
  old: [cardPlan],
  both: [cardPlan, brief, ever],
  "new ones alone": [brief, ever],
};

/** What becomes of the next batch. */
interface Step {
  readonly release: keyof typeof RELEASES;
  /** How many minutes it holds, where nothing is left of the one before. */
  readonly minutes: number;
  readonly ends:
    | { readonly kind: "finished" }
    /** It times out, is delivered again in the next step, and goes on some steps later. */
    | { readonly kind: "late"; readonly heldAt: number; readonly goesOnAfter: number }
    /** It is held up for a while, in which those go on that are due, and is in time all the same. */
    | { readonly kind: "slow"; readonly heldAt: number }
    /** The table is out of reach from a write on; what is not finished is delivered again in the next step. */
    | { readonly kind: "cut off"; readonly atWrite: number };
  /** It is the last of its shard, which is split then. */
  readonly isLast: boolean;
  /** The mapping was made anew: the shard's records are delivered from its first on before it. */
  readonly isFromStart: boolean;
}

const steps = fc.array(
  fc.record<Step>({
    release: fc.constantFrom(...Object.keys(RELEASES)),
    minutes: fc.integer({ min: 1, max: 4 }),
    ends: fc.oneof(
      { weight: 3, arbitrary: fc.constant({ kind: "finished" as const }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant("late" as const),
          heldAt: fc.integer({ min: 0, max: 30 }),
          goesOnAfter: fc.integer({ min: 0, max: 4 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("slow" as const),
          heldAt: fc.integer({ min: 0, max: 15 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant("cut off" as const),
          atWrite: fc.integer({ min: 0, max: 15 }),
        }),
      },
    ),
    isLast: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    isFromStart: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  }),
  { minLength: 2, maxLength: 10 },
);

/** A shard, its half, and the half of that: of the last two, whether the first is known of still. */
const lineage = (isForgotten: boolean): readonly ShardWithAncestors[] => [
  parent,
  left,
  {
    ...left,
    writer: writerOf(5),
    ancestors: isForgotten ? [left.writer] : [left.writer, parent.writer],
    ancestorsOf: new Map([[left.writer, isForgotten ? [] : [parent.writer]]]),
  },
];

it("no answer is called fresh that lacks anything, whatever invocations go on late while releases come and go (R1, R2, R11)", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (all, isForgotten) => {
      await run(all, lineage(isForgotten));
    }),
    { numRuns: 400 },
  );
});

async function run(all: readonly Step[], shards: readonly ShardWithAncestors[]): Promise<void> {
  const control = shards.map((shard, index) =>
    listed(shard, index === 0 ? [] : [shards[index - 1]!.writer], index === shards.length - 1),
  );
  const { store, fold, answer } = await createReleases(control);
  const late: { goesOnAt: number; readonly held: HeldInvocation; readonly running: Promise<unknown> }[] = [];
  let at = 0;
  let shardFrom = 0;
  let [from, to] = [0, 0];
  const shardOf: string[] = [];
  /** Delivers what is left of the batch until the release has finished it. */
  const finish = async (views: readonly ViewPlan[]) => {
    for (let times = 0; from < to; times++) {
      if (times === 10) throw new Error("the batch is never finished.");
      from = reached((await fold(views, range(from, to), { shard: shards[at]! })).failedSequenceNumber);
    }
  };
  const reached = (failed: string | null) =>
    failed === null
      ? to
      : range(from, to).findIndex(({ sequenceNumber }) => sequenceNumber === failed) + from;
  const invocations: HeldInvocation[] = [];
  const hold = (heldAt: number) => {
    const ancestors = shards.slice(0, at).map(({ writer }) => writer);
    const held = holdAt(store, { ...shards[at]!, ancestors }, heldAt);
    invocations.push(held);
    return held;
  };
  const goOn = async (isDue: (goesOnAt: number) => boolean) => {
    for (const invocation of late.splice(0)) {
      if (!isDue(invocation.goesOnAt)) {
        late.push(invocation);
        continue;
      }
      invocation.held.goOn();
      await invocation.running;
    }
  };
  const check = () => {
    while (shardOf.length < to) shardOf.push(shards[at]!.writer);
    return expectHonest({ store, answer, shardOf, about: "by the schedule" });
  };

  for (const [index, { release, minutes, ends, isLast, isFromStart }] of all.entries()) {
    const views = RELEASES[release]!;
    const shard = shards[at]!;
    if (ends.kind !== "slow") await goOn((goesOnAt) => goesOnAt <= index);
    if (isFromStart) from = shardFrom;
    if (from === to) to += minutes;
    if (ends.kind === "late") {
      const held = hold(ends.heldAt);
      const running = fold(views, range(from, to), { shard, through: held.store });
      await Promise.race([running, held.isHeld]);
      late.push({ goesOnAt: index + ends.goesOnAfter, held, running });
      continue;
    }
    if (ends.kind === "slow") {
      const held = hold(ends.heldAt);
      const running = fold(views, range(from, to), { shard, through: held.store });
      await Promise.race([running, held.isHeld]);
      await goOn((goesOnAt) => goesOnAt <= index);
      held.goOn();
      from = reached((await running).failedSequenceNumber);
    } else if (ends.kind === "cut off") {
      const through = createFaultyStore(store);
      let writes = 0;
      through.onPut = () => (writes++ >= ends.atWrite ? "unavailable" : null);
      from = reached((await fold(views, range(from, to), { shard, through })).failedSequenceNumber);
    } else await finish(views);
    if (from < to) continue;
    await check();
    if (isLast && at < shards.length - 1) {
      at++;
      shardFrom = from;
    }
  }
  await finish(RELEASES.both!);
  await goOn(() => true);
  await check();
  to += 40;
  await finish(RELEASES.both!);
  await check();
  expect((await answer(brief, "A", to - 1)).status).toBe("fresh");
  expect(invocations.flatMap(({ behind }) => behind)).toEqual([]);
}
