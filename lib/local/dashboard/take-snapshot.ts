import type { ViewPlan } from "../../engine/plan.ts";
import type { Clock } from "../../engine/ports/clock.ts";
import type { Freshness } from "../../online/freshness.ts";
import type { FeatureReader } from "../../online/reader.ts";
import { readBusiestEntities } from "./busiest-entities.ts";
import type { BatchTotals } from "./collect/batches.ts";
import { createClockSpeed } from "./collect/clock-speed.ts";
import type { Deliveries } from "./collect/deliveries.ts";
import { createLagHistory } from "./collect/lag-history.ts";
import type { Predictions } from "./collect/predictions.ts";
import type { Requests } from "./collect/requests.ts";
import type { SetAside } from "./collect/set-aside.ts";
import type { BusyView, LiveSnapshot, ViewState } from "./snapshot.ts";

/** What a snapshot is put together from. */
export interface SnapshotSources {
  readonly plans: readonly ViewPlan[];
  readonly reader: FeatureReader;
  readonly clock: Clock;
  readonly wallClock: Clock;
  readonly batches: BatchTotals;
  readonly deliveries: Deliveries;
  readonly requests: Requests;
  readonly predictions: Predictions;
  readonly setAside: SetAside;
}

const SPEED_SPAN_MS = 10_000;
/** Tiles cost a read an entity: they are read this often. */
const TILES_EVERY_MS = 2_500;

/** Answers a function that takes a snapshot; lag histories and the clock's speed build up from call to call. */
export function createSnapshots(sources: SnapshotSources): () => Promise<LiveSnapshot> {
  const { plans, reader, clock, wallClock, batches, deliveries, requests, predictions, setAside } = sources;
  const startedAtMs = wallClock.now();
  const lagHistory = createLagHistory();
  const speed = createClockSpeed({ spanMs: SPEED_SPAN_MS });
  let busiest: readonly BusyView[] = [];
  let busiestAtMs = Number.NEGATIVE_INFINITY;

  const viewState = (plan: ViewPlan, freshness: Freshness | undefined, atMs: number): ViewState => {
    const { lagMs, status, warming } = freshness ?? { lagMs: null, status: "unknown", warming: null };
    lagHistory.note(plan.id, atMs, lagMs);
    return {
      id: plan.id,
      description: plan.view.description ?? null,
      status,
      warming,
      lagMs,
      slaMs: plan.view.slaMs,
      lagHistory: lagHistory.of(plan.id),
      ...batches.ofView(plan.id),
    };
  };

  return async () => {
    let freshness: readonly Freshness[] = [];
    let problem: string | null = null;
    const nowMs = wallClock.now();
    try {
      freshness = await reader.freshness(plans);
      if (nowMs - busiestAtMs >= TILES_EVERY_MS) {
        busiest = await readBusiestEntities({ plans, reader, busiest: deliveries.busiest });
        busiestAtMs = nowMs;
      }
    } catch (error) {
      // Freshness that cannot be read is unknown, and the rest of the page is still worth seeing.
      problem = error instanceof Error ? error.message : String(error);
    }
    const takenAtMs = wallClock.now();
    const clockMs = clock.now();
    speed.note(takenAtMs, clockMs);
    return {
      takenAtMs,
      startedAtMs,
      clock: { nowMs: clockMs, speed: speed.read() },
      throughput: batches.throughput(),
      totals: batches.totals(),
      views: plans.map((plan, index) => viewState(plan, freshness[index], takenAtMs)),
      latencies: [...deliveries.latencies(), ...requests.latencies()],
      busiest,
      predictions: predictions.latest(),
      setAside: setAside.reasons(),
      problem,
    };
  };
}
