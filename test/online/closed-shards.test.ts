import { describe, expect, it } from "vitest";
import { partitionHash, rangeHolds } from "../../lib/engine/partition-hash.ts";
import { progressKey } from "../../lib/online/progress.ts";
import type { ShardWithAncestors } from "../../lib/online/shard-ancestors.ts";
import { NEVER } from "../../lib/online/view-start.ts";
import { createFaultyStore } from "./fixtures/faulty-store.ts";
import { holdAt } from "./fixtures/held-invocation.ts";
import { cardPlan, payments } from "./fixtures/payments.ts";
import {
  brief,
  childOfLeft,
  createReleases,
  ever,
  left,
  listed,
  parent,
  range,
  right,
  SPLIT,
} from "./fixtures/releases.ts";

const WITHOUT = [cardPlan];
const WITH = [cardPlan, ever];

describe("a shard that a view has closed, since it returned in one that came of it (R1, R2)", () => {
  it("is not opened by an invocation that goes on, whether or not it was folded before", async () => {
    let closed = 0;
    for (const before of [0, 5]) {
      for (let heldAt = 0, calls = 1; heldAt < calls; heldAt++) {
        const { store, fold } = await createReleases(SPLIT);
        if (before > 0) await fold(WITH, range(0, before));
        const held = holdAt(store, parent, heldAt);
        const running = fold(WITH, range(before, 10), { through: held.store });
        await Promise.race([running, held.isHeld]);
        // What is left of the parent was given up: the next release is given nothing of it.
        await fold(WITHOUT, range(20, 22), { shard: left });
        await fold(WITH, range(23, 25), { shard: left });
        const what = `${before} before, held at ${heldAt}`;
        held.goOn();
        // An item that has a child's record by now is not written.
        await running;
        expect(held.behind, what).not.toContain("ever@1|sA");
        const progress = store.items.get(progressKey(ever.id, parent.writer));
        if (progress !== undefined) {
          expect(progress, what).toMatchObject({ from: NEVER });
          closed++;
        }
        calls = held.calls();
      }
    }
    expect(closed).toBeGreaterThan(10);
  });

  it("has been begun all the same, for what came of it and is given to a release without the view", async () => {
    const { fold, answer } = await createReleases(SPLIT);
    await fold(WITH, range(0, 5));
    await fold(WITHOUT, range(5, 7), { shard: left });
    await fold(WITH, range(8, 10), { shard: left });
    await fold(WITHOUT, range(5, 7, "B"), { shard: right });
    await fold(WITH, range(8, 10, "B"), { shard: right });
    expect(await answer(ever, "B", 9)).toMatchObject({ status: "unknown" });
  });

  it("tells of a loss in what came of it, where the view did not return", async () => {
    const { fold, answer } = await createReleases(SPLIT);
    await fold(WITH, range(0, 5));
    await fold(WITHOUT, range(5, 7), { shard: left });
    await fold(WITH, range(8, 10), { shard: left });
    // Longer than the stream keeps records.
    const later = 10 + payments.retentionMs / 60_000;
    await fold(WITH, range(later, later + 2, "B"), { shard: right });
    expect(await answer(ever, "B", later + 1)).toMatchObject({ status: "unknown" });
  });

  it("loses nothing by a gap longer than the stream keeps records, where the view returns behind it", async () => {
    const { fold, answer } = await createReleases(SPLIT);
    await fold([cardPlan, brief], range(0, 5));
    const later = 10 + payments.retentionMs / 60_000;
    for (const [shard, card] of [
      [left, "A"],
      [right, "B"],
    ] as const) {
      await fold(WITHOUT, range(later, later + 2, card), { shard });
      await fold([cardPlan, brief], range(later + 2, later + 4, card), { shard });
    }
    expect(await answer(brief, "A", later + 3)).toMatchObject({ status: "warming" });
  });

  it("lacks what a release without the view was given of it after that, though nothing was noted of it", async () => {
    const first = childOfLeft(3, { start: "0".repeat(32), end: `3${"f".repeat(31)}` });
    const second = childOfLeft(4, { start: `4${"0".repeat(31)}`, end: `7${"f".repeat(31)}` });
    const { store, fold, answer } = await createReleases([
      listed(parent, [], false),
      listed(left, [parent.writer], false),
      listed(right, [parent.writer], true),
      listed(first, [left.writer], true),
      listed(second, [left.writer], true),
    ]);
    const card = cardIn(second);
    await fold(WITH, range(0, 5, card));
    // It ends once it is recorded where the view begins.
    const through = createFaultyStore(store);
    through.onPut = ({ pk }) => (pk.startsWith("#start") ? null : "unavailable");
    await fold(WITH, range(8, 10, card), { shard: left, through });
    await fold(WITHOUT, range(20, 22, cardIn(first)), { shard: first });
    await fold(WITH, range(23, 25, cardIn(first)), { shard: first });
    await fold(WITHOUT, range(5, 8, card), { shard: left });
    await fold(WITH, range(25, 27, card), { shard: second });
    expect(await answer(ever, card, 26)).toMatchObject({ status: "unknown" });
  });
});

/** A card of a shard. */
function cardIn({ hashRange }: ShardWithAncestors): string {
  return [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((card) => rangeHolds(hashRange!, partitionHash(card)))!;
}
