import type { Source } from "../define/types.ts";
import type { ItemCounts } from "../engine/state/image-header.ts";
import { type CapacityMeter, createCapacityMeter } from "./capacity-meter.ts";

/** What became of a batch's events in one view. Adding reports up counts a redelivery again as `alreadyFolded`. */
export interface ViewOutcomes {
  folded: number;
  duplicate: number;
  late: number;
  excluded: number;
  quarantined: number;
  /** At or below the position that was stored: folded by an earlier delivery. */
  alreadyFolded: number;
  /** Earlier than the first record that the view folds of this shard (R15). */
  beforeStart: number;
  /** Events of entities that could not be finished. */
  unfinished: number;
  /** Counts that resets of expired items cleared (R15), to be added to what items and objects hold. */
  cleared: ItemCounts | null;
  /** Progress as it stands after the batch, epoch ms; null when the view has none in this shard. */
  progressArrivalMs: number | null;
}

export const zeroOutcomes = (): ViewOutcomes => ({
  folded: 0,
  duplicate: 0,
  late: 0,
  excluded: 0,
  quarantined: 0,
  alreadyFolded: 0,
  beforeStart: 0,
  unfinished: 0,
  cleared: null,
  progressArrivalMs: null,
});

/** What one invocation did with one shard's batch. For metrics: at least once, as deliveries are. */
export interface BatchReport {
  readonly source: string;
  readonly writer: string;
  /** As the source declares it: part of every lag (R11). */
  readonly clockSkewMs: number;
  readonly records: number;
  readonly heartbeats: number;
  /** Records that no view can take; counted in every view's `quarantined` too. */
  readonly rejected: number;
  readonly views: Readonly<Record<string, ViewOutcomes>>;
  /** Entities whose items were written. */
  readonly writes: number;
  /** Entities whose image was warm. */
  readonly warm: number;
  /** What the store charged for the batch. */
  readonly capacity: CapacityMeter;
  /** The lowest record that is not finished, to be delivered again; null when all are. */
  readonly failedSequenceNumber: string | null;
  /** Why it is not finished: outside causes, each error once. */
  readonly failures: readonly unknown[];
}

/** Takes reports as batches end. Must not throw. */
export type BatchReporter = (report: BatchReport) => void;

/** A report while its batch runs. */
export interface OpenBatchReport extends BatchReport {
  heartbeats: number;
  rejected: number;
  views: Record<string, ViewOutcomes>;
  writes: number;
  warm: number;
  failedSequenceNumber: string | null;
  failures: unknown[];
}

export function openReport(
  { name, clockSkewMs }: Pick<Source, "name" | "clockSkewMs">,
  writer: string,
  records: number,
  viewIds: readonly string[],
): OpenBatchReport {
  return {
    source: name,
    clockSkewMs,
    writer,
    records,
    heartbeats: 0,
    rejected: 0,
    views: Object.fromEntries(viewIds.map((viewId) => [viewId, zeroOutcomes()])),
    writes: 0,
    warm: 0,
    capacity: createCapacityMeter(),
    failedSequenceNumber: null,
    failures: [],
  };
}
