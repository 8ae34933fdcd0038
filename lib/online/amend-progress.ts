import { FreshetError } from "../define/error.ts";
import { changeProgress, epochOf, hasFolded, NOT_BEGUN, type ShardProgress } from "./progress.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";
import { NEVER } from "./view-start.ts";

/**
 * Marks a shard's freshness unknown for a view, because records of it are known to be lost or may be: what a
 * deployment does for a mapping created or moved, and what an on-failure message calls for (R2).
 * A shard that the view has not begun is given progress that says so, and begins with what is delivered to it next:
 * what was lost may be followed by what a release without the view has finished. Whoever begins it finds the mark.
 * A shard that is closed to the view is marked as well: whether all its records were lost before the view could begin
 * it, or the view is younger than they are, cannot be told.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function markUnknown(
  store: StateStore,
  viewId: string,
  { writer }: Pick<ShardWithAncestors, "writer">,
): Promise<void> {
  await changeProgress(store, { viewId, writer }, (read) =>
    read?.unknown === true ? null : { ...(read ?? NOT_BEGUN), unknown: true },
  );
}

/**
 * Has a view warm again from an arrival on, in a shard of which it lacks what arrived before (R7), or begin it there.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function warmFrom(
  store: StateStore,
  viewId: string,
  { writer }: Pick<ShardWithAncestors, "writer">,
  from: Warming,
): Promise<void> {
  await changeProgress(store, { viewId, writer }, (read) => warmed(read ?? NOT_BEGUN, from));
}

/**
 * The same for a view that begins a shard, unless it has by now.
 *
 * @returns whether it begins.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function beginFrom(
  store: StateStore,
  viewId: string,
  { writer }: Pick<ShardWithAncestors, "writer">,
  from: Warming,
): Promise<boolean> {
  let begins = true;
  await changeProgress(store, { viewId, writer }, (read) => {
    begins = !hasFolded(read);
    return begins ? warmed(read ?? NOT_BEGUN, from) : null;
  });
  return begins;
}

/** Since when a view warms, and Kinesis's stamp of what it is given first, epoch ms: what was dropped before it lacks. */
export type Warming = Pick<ShardProgress, "sinceMs" | "stampMs">;

function warmed(now: ShardProgress, from: Warming): ShardProgress | null {
  const sinceMs = Math.max(now.sinceMs, from.sinceMs);
  const stampMs = Math.max(now.stampMs, from.stampMs);
  if (now.returned && now.sinceMs === sinceMs && now.stampMs === stampMs) return null;
  return { ...now, sinceMs, stampMs, returned: true };
}

/**
 * Closes a shard to a view that has begun it: what it lacks must not come behind what is folded of the shards that came of
 * it (R1). An invocation that is under way in it finishes nothing any more.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function closeProgress(store: StateStore, viewId: string, writer: string): Promise<void> {
  await changeProgress(store, { viewId, writer }, (read) =>
    read?.fromSequenceNumber === NEVER ? null : { ...(read ?? NOT_BEGUN), fromSequenceNumber: NEVER },
  );
}

/**
 * Has a shard's progress be that of a release from here on: no invocation of one before can finish anything for the view.
 *
 * @returns progress as it stands then.
 * @throws FreshetError `STORE_UNAVAILABLE`, when a later release has taken the shard over
 */
export async function stampProgress(
  store: StateStore,
  viewId: string,
  {
    writer,
    aggregator,
    epoch,
  }: { readonly writer: string; readonly aggregator: string; readonly epoch: number },
): Promise<ShardProgress> {
  const stands = await changeProgress(store, { viewId, writer }, (read) => {
    const stamped = epochOf(read, aggregator);
    if (stamped > epoch) {
      const message = `progress of view ${viewId} in ${writer} is of release ${stamped} of ${aggregator} by now.`;
      throw new FreshetError("STORE_UNAVAILABLE", message);
    }
    const now = read ?? NOT_BEGUN;
    return stamped === epoch ? null : { ...now, epochs: { ...now.epochs, [aggregator]: epoch } };
  });
  return stands!;
}
