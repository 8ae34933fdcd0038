import type { ViewPlan } from "../engine/plan.ts";
import { closeProgress, markUnknown, type Warming, warmFrom } from "./amend-progress.ts";
import { begunIn } from "./inherited-note.ts";
import { readProgress } from "./progress.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";

/**
 * Since when views warm that lack what was delivered of a shard until now (R7): the first arrival of what they are given, or
 * the latest of what was folded of the shard and of those that it came of.
 *
 * @param beside - ids of the views that may have been folded meanwhile.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function warmingSince(
  store: StateStore,
  { writer, ancestors }: ShardWithAncestors,
  beside: readonly string[],
  first: { readonly arrivalMs: number; readonly stampMs: number },
): Promise<Warming> {
  const progress = await Promise.all([writer, ...ancestors].map((each) => readProgress(store, beside, each)));
  const arrivals = progress.flatMap((views) => [...views.values()].map(({ arrivalMs }) => arrivalMs));
  return { sinceMs: Math.max(first.arrivalMs, ...arrivals), stampMs: first.stampMs };
}

/**
 * Has views warm again that were left out of what was delivered (R2, R7), and folds no more for them of what the shard came
 * of (R1). What a lifetime lacks no window lets go of: its freshness is unknown.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function warmAgain(
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
