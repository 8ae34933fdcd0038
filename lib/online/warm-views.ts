import type { ViewPlan } from "../engine/plan.ts";
import { beginFrom, closeProgress, markUnknown, type Warming, warmFrom } from "./amend-progress.ts";
import { begunIn } from "./inherited-note.ts";
import { readProgress } from "./progress.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";

/** A release's first batch of a shard, for the views that warm from it on. */
export interface FirstOfRelease {
  /** Views that it has again: another release was given what they lack. */
  readonly leftOut: readonly ViewPlan[];
  /** Views that begin the shard with it. */
  readonly begins: readonly ViewPlan[];
  /** Ids of the views that may have been folded meanwhile. */
  readonly beside: readonly string[];
  /** When its first record arrived, or what was delivered before it, and Kinesis's stamp of it, epoch ms. */
  readonly first: { readonly arrivalMs: number; readonly stampMs: number };
}

/**
 * Has views warm that lack what was delivered of a shard until now (R7): since its first arrival, or the latest of what was
 * folded of the shard and of those that it came of.
 *
 * @returns whether there is any.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function warmViews(
  store: StateStore,
  shard: ShardWithAncestors,
  { leftOut, begins, beside, first }: FirstOfRelease,
): Promise<boolean> {
  if (leftOut.length + begins.length === 0) return false;
  const writers = [shard.writer, ...shard.ancestors];
  const progress = await Promise.all(writers.map((writer) => readProgress(store, beside, writer)));
  const arrivals = progress.flatMap((views) => [...views.values()].map(({ arrivalMs }) => arrivalMs));
  const from = { sinceMs: Math.max(first.arrivalMs, ...arrivals), stampMs: first.stampMs };
  await warmAgain(store, leftOut, shard, from);
  // Where a source declares arrivals, a view that begins may lack later ones that were delivered before.
  const midway = from.sinceMs > first.arrivalMs ? begins : [];
  let isWarmed = leftOut.length > 0;
  for (const { id } of midway) {
    if (await beginFrom(store, id, shard, from)) isWarmed = true;
  }
  return isWarmed;
}

/**
 * Has views warm again that were left out of what was delivered (R2, R7), and folds no more for them of what the shard came
 * of (R1). What a lifetime lacks no window lets go of: its freshness is unknown.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
async function warmAgain(
  store: StateStore,
  leftOut: readonly ViewPlan[],
  shard: ShardWithAncestors,
  from: Warming,
): Promise<void> {
  for (const { id, expiryMs } of leftOut) {
    await warmFrom(store, id, shard, from);
    if (expiryMs === null) await markUnknown(store, id, shard);
    for (const ancestor of shard.ancestors) {
      if (!(await begunIn(store, [id], [ancestor])).has(id)) continue;
      await closeProgress(store, id, ancestor);
    }
  }
}
