import type { Spread } from "../../statistics/spread.ts";
import type { ScoreQuality } from "../check/score.ts";
import type { InjectedCounts } from "../deliver/deliver-events.ts";

/** What became of the records put, in one view (R12): the counts add up to `put`. */
export interface ViewCounts {
  readonly put: number;
  readonly folded: number;
  readonly duplicate: number;
  readonly late: number;
  readonly quarantined: number;
  /** Of the quarantined, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** What was done to the records. */
export interface InjectedFaults {
  readonly seed: number;
  /** Records put of each kind that is not as it should be, over both streams. */
  readonly injected: InjectedCounts;
}

/** How both models do on the same departures. */
export interface ModelComparison {
  readonly model: ScoreQuality;
  /** Hour, weekday and distance only. */
  readonly baseline: ScoreQuality;
}

/** What `--once` found. */
export interface Summary {
  /** Days, both included. */
  readonly from: string;
  readonly to: string;
  readonly shards: number;
  /** Records put: every event once, and what faults add. */
  readonly events: { readonly put: number; readonly departures: number; readonly arrivals: number };
  /** Null without `--faults`. */
  readonly faults: InjectedFaults | null;
  /**
   * What runs before this one had done of it; null when none had. Speed, cost and lag are of this run, and the counts
   * that went with expired items, which are metrics and end with their process, are taken from the recount.
   */
  readonly resumed: { readonly put: number; readonly moments: number } | null;
  readonly views: Readonly<Record<string, ViewCounts>>;
  readonly checked: {
    readonly moments: number;
    /** Entities read at the moments, and every entity read at the end. */
    readonly entitiesAtMoments: number;
    readonly entitiesAtEnd: number;
    /** Departures scored through the API. */
    readonly predictions: number;
    /** Single values compared. */
    readonly values: number;
  };
  readonly differences: number;
  readonly seconds: { readonly replay: number; readonly total: number };
  /** Over the time of putting and folding. */
  readonly eventsPerSecond: number;
  readonly writeUnitsPerEvent: number;
  readonly readUnitsPerEvent: number;
  /** From a record's put to its fold, wall-clock milliseconds. */
  readonly lagMs: Spread;
  readonly predictionMs: Spread;
  readonly quality: {
    /** All departures of the range, on the vectors of the engine's sweep. */
    readonly range: ModelComparison;
    /** The departures scored through the API. */
    readonly served: ModelComparison;
  };
  readonly ok: boolean;
}
