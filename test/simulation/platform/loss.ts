import type { ViewPlan } from "../../../lib/engine/plan.ts";
import type { LoggedShard } from "./record-log.ts";

/** Records of a shard that the mapping gave up, or one that a release finished which left a view out. */
export interface Loss {
  /** The view that was left out; null: they are lost to all. */
  readonly leftOut: ViewPlan | null;
  /** Whether that had begun their shard, or one that it came of: what lifetimes count. */
  isOfLifetime: boolean;
  readonly shard: LoggedShard;
  readonly first: string;
  readonly last: string;
  /** When all views were marked for it; null: not yet. */
  markedMs: number | null;
  readonly marked: Set<string>;
  /** Its entities are rebuilt, and its marks are being taken off. */
  isClearing: boolean;
}

/** A loss that nobody knows of yet. */
export function newLoss(
  lost: Pick<Loss, "shard" | "first" | "last"> & Partial<Pick<Loss, "leftOut" | "isOfLifetime">>,
): Loss {
  return {
    leftOut: null,
    isOfLifetime: false,
    markedMs: null,
    marked: new Set(),
    isClearing: false,
    ...lost,
  };
}
