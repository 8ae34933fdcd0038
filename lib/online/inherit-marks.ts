import type { ViewPlan } from "../engine/plan.ts";
import { markUnknown } from "./amend-progress.ts";
import { hasFolded, readProgress } from "./progress.ts";
import { parentsOf, type ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";

/**
 * Marks a shard unknown for views that begin it: those of which one that it came of is, since the mark would go with that
 * once it is listed no more, and those for which the stream may have dropped records between the end of a parent and the
 * shard's first (R2).
 *
 * @returns whether any was marked.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function inheritMarks(
  store: StateStore,
  plans: readonly ViewPlan[],
  { shard, firstStampMs, retentionMs }: Inheriting,
): Promise<boolean> {
  const viewIds = plans.map(({ id }) => id);
  const { writer, ancestors } = shard;
  if (ancestors.length === 0) return false;
  const [own, ...progress] = await Promise.all(
    [writer, ...ancestors].map((each) => readProgress(store, viewIds, each)),
  );
  const parents = parentsOf(shard).map((parent) => progress[ancestors.indexOf(parent)]!);
  const marked = plans.filter(({ id, expiryMs }) => {
    if (progress.some((views) => views.get(id)?.unknown === true)) return true;
    // A view that returns here, or begins midway, warms anew: its windows lack nothing of before, its lifetimes do.
    if (expiryMs !== null && own!.get(id)?.returned === true) return false;
    return parents.some((views) => {
      const before = views.get(id);
      return hasFolded(before) && firstStampMs > before.stampMs + retentionMs;
    });
  });
  for (const { id } of marked) await markUnknown(store, id, shard);
  return marked.length > 0;
}

/** A shard's first batch, for a view. */
export interface Inheriting {
  readonly shard: ShardWithAncestors;
  /** When the stream took its first record, epoch ms. */
  readonly firstStampMs: number;
  /** For how long the stream keeps records. */
  readonly retentionMs: number;
}
