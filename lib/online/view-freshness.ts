import type { ViewPlan } from "../engine/plan.ts";
import type { ControlShard } from "./control.ts";
import { combineProgress, type Freshness, judgeFreshness } from "./freshness.ts";
import { hasFolded, type ShardProgress } from "./progress.ts";

/** How far one shard has been folded, for one view. */
export interface ShardFreshness extends Freshness {
  readonly writer: string;
  /** A closed shard counts for its view until all its children have progress. */
  readonly open: boolean;
  /** Everything that arrived up to here is folded, epoch ms; null where nothing is yet. */
  readonly progressMs: number | null;
  /** The last record through which everything is folded; null where nothing is yet. */
  readonly sequenceNumber: string | null;
}

/** How fresh a view is: the worst of its shards. */
export interface ViewFreshness extends Freshness {
  readonly asOfMs: number;
  readonly slaMs: number;
  /** The shards of the stream as it is now; none while nothing of it has been folded. */
  readonly shards: readonly ShardFreshness[];
}

/** Judges a view by the progress of its stream's shards (R11). */
export function viewFreshness(
  plan: ViewPlan,
  shards: readonly ControlShard[],
  progressOf: (writer: string) => ShardProgress | undefined,
  asOfMs: number,
): ViewFreshness {
  const judge = { asOfMs, consistent: true };
  return {
    asOfMs,
    slaMs: plan.view.slaMs,
    ...judgeFreshness(plan, combineProgress(shards, progressOf), judge),
    shards: shards.map(({ writer, open }) => {
      const stored = progressOf(writer);
      const progress = hasFolded(stored) ? stored : undefined;
      return {
        writer,
        open,
        progressMs: progress?.arrivalMs ?? null,
        sequenceNumber: progress?.sequenceNumber ?? null,
        ...judgeFreshness(plan, progress === undefined || progress.unknown ? null : progress, judge),
      };
    }),
  };
}
