import type { ViewPlan } from "../engine/plan.ts";
import { closeProgress, hasFolded, markUnknown, readProgress, warmFrom } from "./progress.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";
import { closeStart, readStarts } from "./view-start.ts";

/** A view that a release left out, and the shards by which it did: what the view had begun of these tells. */
export interface LeftOutView {
  readonly plan: ViewPlan;
  readonly writers: readonly string[];
}

/**
 * Has views warm again from an arrival on that had begun what they were left out of (R2, R7), and folds no more for them of
 * what the shard came of (R1). What a lifetime lacks no window lets go of: its freshness is unknown.
 *
 * @returns whether there are any.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function warmAgain(
  store: StateStore,
  leftOut: readonly LeftOutView[],
  { shard, fromMs }: { readonly shard: ShardWithAncestors; readonly fromMs: number },
): Promise<boolean> {
  const ids = leftOut.map(({ plan }) => plan.id);
  const shards = [shard.writer, ...shard.ancestors];
  const [progress, starts] = await Promise.all([
    Promise.all(shards.map((writer) => readProgress(store, ids, writer))),
    Promise.all(shards.map((writer) => readStarts(store, ids, writer))),
  ]);
  let isAny = false;
  for (const { plan, writers } of leftOut) {
    const { id, expiryMs } = plan;
    // It begins where that is recorded, before there is progress.
    const begun = shards.filter((_, index) => hasFolded(progress[index]!.get(id)) || starts[index]!.has(id));
    if (!begun.some((writer) => writers.includes(writer))) continue;
    isAny = true;
    for (const writer of begun.filter((each) => each !== shard.writer)) {
      await closeProgress(store, id, writer);
      await closeStart(store, id, writer);
    }
    await warmFrom(store, id, shard, fromMs);
    if (expiryMs === null) await markUnknown(store, id, shard);
  }
  return isAny;
}

/**
 * Marks a shard unknown for the views of which one that it came of is: once that is listed no more, the mark would go with
 * it.
 *
 * @returns whether any was marked.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function inheritMarks(
  store: StateStore,
  viewIds: readonly string[],
  shard: ShardWithAncestors,
): Promise<boolean> {
  const progress = await Promise.all(shard.ancestors.map((writer) => readProgress(store, viewIds, writer)));
  const marked = viewIds.filter((id) => progress.some((views) => views.get(id)?.unknown === true));
  for (const id of marked) await markUnknown(store, id, shard);
  return marked.length > 0;
}
