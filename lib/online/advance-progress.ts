import type { Source } from "../define/types.ts";
import { compareSequenceNumbers } from "../engine/position.ts";
import type { DecodedBatch } from "./decode-batch.ts";
import { hasFolded, type ShardProgress } from "./progress.ts";
import { isBeforeStart, NEVER } from "./view-start.ts";

/**
 * A view's progress after the first `finished` records of a batch; undefined when there is nothing to tell.
 * Records from before the view's start alone tell nothing, so that a shard that is closed to the view has no progress.
 * It never runs back, and it covers records in order only: nothing beyond the first that is not finished (R11).
 */
export function advanceProgress(
  source: Source,
  batch: DecodedBatch,
  finished: number,
  {
    before,
    processId,
    fromSequenceNumber,
  }: {
    readonly before: ShardProgress | undefined;
    readonly processId: string;
    readonly fromSequenceNumber: string;
  },
): ShardProgress | undefined {
  // What is delivered of a shard that is closed to the view it does not fold.
  if (finished === 0 || fromSequenceNumber === NEVER) return before;
  let arrivalMs = before?.arrivalMs ?? null;
  let stampMs = before?.stampMs ?? Number.NEGATIVE_INFINITY;
  let firstMs: number | null = null;
  for (let i = 0; i < finished; i++) {
    stampMs = Math.max(stampMs, batch.records[i]!.approximateArrivalMs);
    const arrivedMs = batch.arrivalsMs[i]!;
    if (Number.isNaN(arrivedMs)) continue;
    if (firstMs === null && !isBeforeStart(batch.records[i]!.sequenceNumber, fromSequenceNumber)) {
      firstMs = arrivedMs;
    }
    arrivalMs = arrivalMs === null ? arrivedMs : Math.max(arrivalMs, arrivedMs);
  }
  // A shard that was marked before it was begun, or that the view returns in, has nothing folded to date from.
  const fromMs = before?.sinceMs ?? 0;
  const sinceMs = hasFolded(before) ? fromMs : firstMs === null ? null : Math.max(firstMs, fromMs);
  if (arrivalMs === null || sinceMs === null) return undefined;
  const { sequenceNumber } = batch.records[finished - 1]!;
  const ahead = before === undefined || compareSequenceNumbers(sequenceNumber, before.sequenceNumber) > 0;
  return {
    arrivalMs,
    stampMs,
    sequenceNumber: ahead ? sequenceNumber : before.sequenceNumber,
    processId,
    sinceMs,
    fromSequenceNumber,
    returned: before?.returned ?? false,
    epochs: before?.epochs ?? {},
    unknown:
      before !== undefined && (before.unknown || (hasFolded(before) && leavesGap(source, batch, before))),
  };
}

/** Whether the stream may have dropped records between the progress and this batch: a loss that can be seen (R2). */
function leavesGap(source: Source, batch: DecodedBatch, before: ShardProgress): boolean {
  return batch.records[0]!.approximateArrivalMs > before.stampMs + source.retentionMs;
}

export function sameProgress(left: ShardProgress, right: ShardProgress): boolean {
  return (
    left.arrivalMs === right.arrivalMs &&
    left.stampMs === right.stampMs &&
    left.sequenceNumber === right.sequenceNumber &&
    left.processId === right.processId &&
    left.unknown === right.unknown
  );
}
