import type { LocalRuntime } from "../../../lib/local/runtime.ts";
import { countOutcomes } from "../../../lib/online/counts.ts";
import type { ReplayMeter } from "../replay/meter.ts";
import type { ViewCounts } from "./summary.ts";

/** What became of every event put, by view: from the items and the channels, with what expired items took along. */
export async function countViews(
  runtime: Pick<LocalRuntime, "store" | "objectStore" | "plans">,
  meter: Pick<ReplayMeter, "cleared">,
  put: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, ViewCounts>>> {
  const stored = await countOutcomes({
    store: runtime.store,
    objects: runtime.objectStore,
    plans: runtime.plans,
  });
  const views: Record<string, ViewCounts> = {};
  for (const plan of runtime.plans) {
    const own = stored.get(plan.id)!;
    const cleared = meter.cleared.get(plan.id) ?? { folded: 0, duplicate: 0, late: 0 };
    views[plan.id] = {
      put: put[plan.view.source.name] ?? 0,
      folded: own.folded + cleared.folded,
      duplicate: own.duplicate + cleared.duplicate,
      late: own.late + cleared.late,
      quarantined: own.quarantined,
    };
  }
  return views;
}
