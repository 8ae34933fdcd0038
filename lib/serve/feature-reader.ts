import type { FeatureValue } from "../define/types.ts";
import type { Scalar } from "../define/where.ts";
import type { ViewPlan } from "../engine/plan.ts";

/** How old an answer is against the view's SLA (R11). */
export type FreshnessStatus = "fresh" | "stale" | "unknown" | "warming";

/** How far one item was folded when it was read (R9). */
export interface ReadPosition {
  readonly writer: string;
  readonly sequenceNumber: string;
}

/** One entity of one view, to be read. */
export interface FeatureRequest {
  readonly plan: ViewPlan;
  /** The key's values in the order of `view.entity`; empty for a view with no entity. */
  readonly key: readonly Scalar[];
}

/** What was read of one entity. */
export interface FeatureReading {
  readonly view: string;
  readonly version: number;
  readonly key: readonly Scalar[];
  /** False when the entity was never seen, or has expired (R7). */
  readonly known: boolean;
  readonly values: Readonly<Record<string, FeatureValue>>;
  readonly asOfMs: number;
  /** Null when the view's progress is not known. */
  readonly lagMs: number | null;
  readonly slaMs: number;
  readonly status: FreshnessStatus;
  readonly positions: readonly ReadPosition[];
}

/** Reads features of any number of entities in one round trip; the online store's reader is one. */
export interface FeatureReader {
  /** `readings[i]` answers `requests[i]`; all share one as-of time. */
  read(
    requests: readonly FeatureRequest[],
    options?: { readonly consistent?: boolean },
  ): Promise<readonly FeatureReading[]>;
}
