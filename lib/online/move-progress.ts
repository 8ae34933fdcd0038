import { FreshetError } from "../define/error.ts";
import { compareSequenceNumbers } from "../engine/position.ts";
import { sameProgress } from "./advance-progress.ts";
import type { CapacityMeter } from "./capacity-meter.ts";
import { changeProgress, epochOf, type ShardProgress } from "./progress.ts";
import type { StateStore } from "./state-store.ts";
import { NEVER } from "./view-start.ts";
import type { WarmImages } from "./warm-images.ts";

/** How a batch moves one view's progress in its shard. */
export interface ProgressMove {
  readonly viewId: string;
  readonly writer: string;
  readonly aggregator: string;
  /** Progress as it was read before the batch was folded. */
  readonly before: ShardProgress | undefined;
  /** What the batch makes of progress; undefined where it has nothing to tell. */
  readonly after: (read: ShardProgress | undefined) => ShardProgress | undefined;
  readonly images: WarmImages;
  readonly meter: CapacityMeter;
}

/**
 * Moves a view's progress on through what a batch has finished. The batch is finished only when that stands, by whomever:
 * where progress lagged behind what is folded, it could not be told from what a release that leaves the view out finished.
 *
 * @returns progress as it stands then.
 * @throws FreshetError `STORE_UNAVAILABLE`, also when another release has taken the shard over, or one with the view
 *   closed it: the batch's release finishes nothing there any more
 */
export async function moveProgress(
  store: StateStore,
  { viewId, writer, aggregator, before, after, images, meter }: ProgressMove,
): Promise<ShardProgress | undefined> {
  /** The write before, and what it was made of: where it is asked again, others may have come between. */
  let last: { readonly read: ShardProgress | undefined; readonly next: ShardProgress } | null = null;
  const of = { viewId, writer, read: { progress: before }, meter };
  return changeProgress(store, of, (now) => {
    if (last !== null) {
      // Another process that moved progress moved items too.
      if (now?.processId !== last.next.processId && now?.processId !== last.read?.processId) {
        images.trustOnly(viewId, writer, undefined);
      }
      refuseOtherRelease({ viewId, writer, aggregator, before }, now);
      if (now?.fromSequenceNumber === NEVER) {
        throw new FreshetError("STORE_UNAVAILABLE", `view ${viewId} has closed ${writer} meanwhile.`);
      }
      // What another invocation has finished it has finished for this one too.
      if (now !== undefined && compareSequenceNumbers(now.sequenceNumber, last.next.sequenceNumber) >= 0) {
        return null;
      }
    }
    const next = after(now);
    if (next === undefined || (now !== undefined && sameProgress(now, next))) return null;
    // Noted whatever the answer: if the write was not applied, the next read of progress will not match it.
    images.belongTo(viewId, writer, next);
    last = { read: now, next };
    return next;
  });
}

/**
 * Sees to it that a shard is still its that an invocation's release was given.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export function refuseOtherRelease(
  { viewId, writer, aggregator, before }: Pick<ProgressMove, "viewId" | "writer" | "aggregator" | "before">,
  now: ShardProgress | undefined,
): void {
  if (epochOf(now, aggregator) === epochOf(before, aggregator)) return;
  const message = `view ${viewId} is folded of ${writer} by another release of ${aggregator} by now.`;
  throw new FreshetError("STORE_UNAVAILABLE", message);
}
