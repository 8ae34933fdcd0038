import type { ViewPlan } from "../../../engine/plan.ts";
import type { Clock } from "../../../engine/ports/clock.ts";
import type { BatchReport } from "../../../online/batch-report.ts";
import type { PipelineTotals, Throughput, ViewOutcomeCounts } from "../snapshot.ts";
import { createRateSeries, type RateSeries } from "./rate-series.ts";

/** Adds up batch reports: at least once, as deliveries are. */
export interface BatchTotals {
  report(report: BatchReport): void;
  totals(): PipelineTotals;
  throughput(): Throughput;
  ofView(viewId: string): { readonly counts: ViewOutcomeCounts; readonly eventsPerSecond: number };
}

const BUCKET_MS = 1_000;
const CHART_BUCKETS = 181;
/** A replay folds in bursts: a shorter mean would jump. */
const MEAN_MS = 5_000;

interface ViewTotals {
  readonly counts: { -readonly [Outcome in keyof ViewOutcomeCounts]: number };
  readonly rate: RateSeries;
}

/** @param options.wallClock - the machine's: throughput is told by real time, also where a replay's clock rules. */
export function createBatchTotals(options: {
  readonly plans: readonly ViewPlan[];
  readonly wallClock: Clock;
}): BatchTotals {
  const { plans, wallClock } = options;
  const startedMs = wallClock.now();
  const totals = {
    events: 0,
    heartbeats: 0,
    batches: 0,
    unfinishedBatches: 0,
    writeUnits: 0,
    readUnits: 0,
    throttles: 0,
  };
  const events = createRateSeries({ bucketMs: BUCKET_MS, length: CHART_BUCKETS });
  const views = new Map<string, ViewTotals>(
    plans.map(({ id }) => [
      id,
      {
        counts: { folded: 0, duplicate: 0, late: 0, quarantined: 0, excluded: 0 },
        rate: createRateSeries({ bucketMs: BUCKET_MS, length: 2 + MEAN_MS / BUCKET_MS }),
      },
    ]),
  );
  return {
    report(report) {
      const nowMs = wallClock.now();
      const { capacity } = report;
      totals.batches++;
      totals.events += report.records - report.heartbeats;
      totals.heartbeats += report.heartbeats;
      if (report.failedSequenceNumber !== null) totals.unfinishedBatches++;
      totals.writeUnits += capacity.writeUnits;
      totals.readUnits += capacity.readUnits;
      totals.throttles += capacity.throttles;
      events.add(nowMs, report.records - report.heartbeats);
      for (const [id, outcomes] of Object.entries(report.views)) {
        const view = views.get(id);
        if (view === undefined) continue;
        const { folded, duplicate, late, quarantined, excluded } = outcomes;
        view.counts.folded += folded;
        view.counts.duplicate += duplicate;
        view.counts.late += late;
        view.counts.quarantined += quarantined;
        view.counts.excluded += excluded;
        view.rate.add(nowMs, folded + duplicate + late + quarantined + excluded);
      }
    },
    totals: () => ({ ...totals }),
    throughput() {
      const nowMs = wallClock.now();
      const { endMs, counts } = events.buckets(nowMs);
      return {
        endMs: endMs - BUCKET_MS,
        bucketMs: BUCKET_MS,
        // The last bucket is still filling, and would always look like a fall; those before the start were never there.
        events: counts.slice(Math.max(0, counts.length - Math.ceil((endMs - startedMs) / BUCKET_MS)), -1),
        perSecond: events.perSecond(nowMs, { overMs: MEAN_MS }),
      };
    },
    ofView(viewId) {
      const { counts, rate } = views.get(viewId)!;
      return { counts: { ...counts }, eventsPerSecond: rate.perSecond(wallClock.now(), { overMs: MEAN_MS }) };
    },
  };
}
