import type { BatchReport } from "../../../lib/online/batch-report.ts";

/** Adds up what the batches of a replay did and cost. */
export interface ReplayMeter {
  /** For the runtime's `onMetrics`. */
  readonly report: (report: BatchReport) => void;
  /** Says that what happened before a time, and was not put yet, is being put now. */
  putting(untilMs: number): void;
  /** Views' outcomes in all batches: at least once, for display. */
  readonly outcomes: { folded: number; duplicate: number; late: number; quarantined: number };
  readonly capacity: { writeUnits: number; readUnits: number };
  /** Counts that items lost when they expired, by view id: what is stored and these add up to what was put. */
  readonly cleared: ReadonlyMap<string, ClearedCounts>;
  /** From the put of a batch's last record to the end of the batch, wall-clock milliseconds, one a batch and view. */
  readonly lagsMs: readonly number[];
}

/** Counts that went with expired items. */
export interface ClearedCounts {
  folded: number;
  duplicate: number;
  late: number;
}

/** An endless replay forgets the earlier half. */
const MOST_LAGS = 20_000;
const MOST_PUTS = 2_000;

/** Starts at nothing. `now` is the wall clock, in milliseconds from any point. */
export function createReplayMeter(now: () => number = () => performance.now()): ReplayMeter {
  const outcomes = { folded: 0, duplicate: 0, late: 0, quarantined: 0 };
  const capacity = { writeUnits: 0, readUnits: 0 };
  const cleared = new Map<string, ClearedCounts>();
  const lagsMs: number[] = [];
  const puts: { readonly untilMs: number; readonly atMs: number }[] = [];
  return {
    report: (report) => {
      capacity.writeUnits += report.capacity.writeUnits;
      capacity.readUnits += report.capacity.readUnits;
      for (const [view, of] of Object.entries(report.views)) {
        outcomes.folded += of.folded;
        outcomes.duplicate += of.duplicate;
        outcomes.late += of.late;
        outcomes.quarantined += of.quarantined;
        if (of.cleared !== null) {
          const total = cleared.get(view) ?? { folded: 0, duplicate: 0, late: 0 };
          total.folded += of.cleared.folded;
          total.duplicate += of.cleared.duplicate;
          total.late += of.cleared.late;
          cleared.set(view, total);
        }
        // A batch of heartbeats alone says nothing of how long events wait.
        const { progressArrivalMs } = of;
        if (progressArrivalMs === null || report.records === report.heartbeats) continue;
        const put = puts.find(({ untilMs }) => progressArrivalMs < untilMs);
        if (put !== undefined) lagsMs.push(now() - put.atMs);
        if (lagsMs.length > MOST_LAGS) lagsMs.splice(0, MOST_LAGS / 2);
      }
    },
    putting: (untilMs) => {
      puts.push({ untilMs, atMs: now() });
      if (puts.length > MOST_PUTS) puts.splice(0, MOST_PUTS / 2);
    },
    outcomes,
    capacity,
    cleared,
    lagsMs,
  };
}
