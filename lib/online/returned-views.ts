import type { ViewPlan } from "../engine/plan.ts";
import { beginFrom, closeProgress, markUnknown, warmFrom } from "./amend-progress.ts";
import { begunIn } from "./inherited-note.ts";
import { hasFolded, readProgress } from "./progress.ts";
import { parentsOf, type ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";
import { closeStart, NEVER } from "./view-start.ts";

/** The first batch of a release, for what it tells of the views that return or begin with it. */
export interface Returning {
  readonly shard: ShardWithAncestors;
  /** When its first record arrived, or what was delivered before it, and Kinesis's stamp of it, epoch ms. */
  readonly first: { readonly arrivalMs: number; readonly stampMs: number };
  /** Ids of the views that may have been folded meanwhile. */
  readonly beside: readonly string[];
  /** Views that begin with it: where a source declares arrivals, they may lack later ones that were delivered before. */
  readonly begun: readonly ViewPlan[];
  /** Whether others were given batches of the shard before: those views warm by it alone, not since what it came of did. */
  readonly isGiven: boolean;
}

/**
 * Has views warm again that were left out of what was delivered (R2, R7): from the first arrival on, or the latest of what
 * was folded of the shard and of those that it came of; and folds no more for them of what the shard came of (R1). What a
 * lifetime lacks no window lets go of: its freshness is unknown.
 *
 * @returns whether there is any.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function warmAgain(
  store: StateStore,
  leftOut: readonly ViewPlan[],
  { shard, first, beside, begun, isGiven }: Returning,
): Promise<boolean> {
  if (leftOut.length + begun.length === 0) return false;
  const { writer, ancestors } = shard;
  const progress = await Promise.all([writer, ...ancestors].map((each) => readProgress(store, beside, each)));
  const arrivals = progress.flatMap((views) => [...views.values()].map(({ arrivalMs }) => arrivalMs));
  const sinceMs = Math.max(first.arrivalMs, ...arrivals);
  const from = { sinceMs, stampMs: first.stampMs };
  for (const { id, expiryMs } of leftOut) {
    // Closed at last: an invocation that ends before finds the view begun again.
    await warmFrom(store, id, shard, from);
    if (expiryMs === null) await markUnknown(store, id, shard);
    for (const ancestor of ancestors) {
      if (!(await begunIn(store, [id], [ancestor])).has(id)) continue;
      await closeProgress(store, id, ancestor);
      await closeStart(store, id, ancestor);
    }
  }
  const isMidway = isGiven || sinceMs > first.arrivalMs;
  const late = begun.filter(({ id }) => isMidway && !hasFolded(progress[0]!.get(id)));
  for (const { id } of late) await beginFrom(store, id, shard, from);
  return leftOut.length + late.length > 0;
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
