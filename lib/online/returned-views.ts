import type { ViewPlan } from "../engine/plan.ts";
import { closeProgress, hasFolded, markUnknown, readProgress, warmFrom } from "./progress.ts";
import { parentsOf, type ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";
import { closeStart, NEVER, readStarts } from "./view-start.ts";

/** A view that a release left out, and the shards by which it did: what the view had begun of these tells. */
export interface LeftOutView {
  readonly plan: ViewPlan;
  readonly writers: readonly string[];
}

/**
 * Has views warm again that had begun what they were left out of (R2, R7): from an arrival on, or the latest of what was
 * folded of the shard and of those that it came of; and folds no more for them of what the shard came of (R1). What a
 * lifetime lacks no window lets go of: its freshness is unknown.
 *
 * @param beside - ids of the views that may have been folded meanwhile.
 * @returns whether there are any.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function warmAgain(
  store: StateStore,
  leftOut: readonly LeftOutView[],
  {
    shard,
    fromMs,
    beside,
  }: { readonly shard: ShardWithAncestors; readonly fromMs: number; readonly beside: readonly string[] },
): Promise<boolean> {
  const ids = leftOut.map(({ plan }) => plan.id);
  const shards = [shard.writer, ...shard.ancestors];
  const [progress, starts] = await Promise.all([
    Promise.all(shards.map((writer) => readProgress(store, beside, writer))),
    Promise.all(shards.map((writer) => readStarts(store, ids, writer))),
  ]);
  const arrivals = progress.flatMap((views) => [...views.values()].map(({ arrivalMs }) => arrivalMs));
  const latestMs = Math.max(fromMs, ...arrivals);
  let isAny = false;
  for (const { plan, writers } of leftOut) {
    const { id, expiryMs } = plan;
    // It begins where that is recorded, before there is progress.
    const begun = shards.filter((_, index) => hasFolded(progress[index]!.get(id)) || starts[index]!.has(id));
    if (!begun.some((writer) => writers.includes(writer))) continue;
    isAny = true;
    // Closed at last: an invocation that ends before finds the view begun again.
    await warmFrom(store, id, shard, latestMs);
    if (expiryMs === null) await markUnknown(store, id, shard);
    for (const writer of begun.filter((each) => each !== shard.writer)) {
      await closeProgress(store, id, writer);
      await closeStart(store, id, writer);
    }
  }
  return isAny;
}

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
  viewIds: readonly string[],
  { shard, firstStampMs, retentionMs }: Inheriting,
): Promise<boolean> {
  const { ancestors } = shard;
  const progress = await Promise.all(ancestors.map((writer) => readProgress(store, viewIds, writer)));
  const parents = parentsOf(shard).map((writer) => progress[ancestors.indexOf(writer)]!);
  const marked = viewIds.filter(
    (id) =>
      progress.some((views) => views.get(id)?.unknown === true) ||
      parents.some((views) => {
        const before = views.get(id);
        const isOpen = hasFolded(before) && before.fromSequenceNumber !== NEVER;
        return isOpen && firstStampMs > before.stampMs + retentionMs;
      }),
  );
  for (const id of marked) await markUnknown(store, id, shard);
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
