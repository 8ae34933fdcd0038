import type { ViewPlan } from "../../../lib/engine/plan.ts";
import type { LocalRuntime } from "../../../lib/local/runtime.ts";
import { readChannel } from "../../../lib/online/channels.ts";
import { countOutcomes } from "../../../lib/online/counts.ts";
import type { ItemCounts } from "../check/item-model.ts";
import type { ViewCounts } from "./summary.ts";

/** What became of every record put, in one view, and where that is written. */
export interface CountedView {
  readonly id: string;
  readonly counts: ViewCounts;
  /** In the items. */
  readonly held: ItemCounts;
  /** What expired items took along. */
  readonly cleared: ItemCounts;
  readonly lateEntries: number;
}

/**
 * Counts by view name: from the items and the channels, with what expired items took along.
 *
 * @param clearedOf - What expired items of a view took along.
 */
export async function countViews(
  runtime: Pick<LocalRuntime, "store" | "objectStore" | "plans">,
  clearedOf: (plan: ViewPlan) => ItemCounts,
  put: Readonly<Record<string, number>>,
): Promise<ReadonlyMap<string, CountedView>> {
  const stored = await countOutcomes({
    store: runtime.store,
    objects: runtime.objectStore,
    plans: runtime.plans,
  });
  const views = new Map<string, CountedView>();
  for (const plan of runtime.plans) {
    const { folded, duplicate, late, quarantined, lateEntries } = stored.get(plan.id)!;
    const cleared = clearedOf(plan);
    const source = plan.view.source.name;
    views.set(plan.view.name, {
      id: plan.id,
      counts: {
        put: put[source] ?? 0,
        folded: folded + cleared.folded,
        duplicate: duplicate + cleared.duplicate,
        late: late + cleared.late,
        quarantined,
        reasons: await countReasons(runtime, { source, viewId: plan.id }),
      },
      held: { folded, duplicate, late },
      cleared,
      lateEntries,
    });
  }
  return views;
}

/** How often a view, or all views of its source, had to do without a record, by reason. */
async function countReasons(
  { objectStore }: Pick<LocalRuntime, "objectStore">,
  { source, viewId }: { readonly source: string; readonly viewId: string },
): Promise<Readonly<Record<string, number>>> {
  const reasons: Record<string, number> = {};
  for await (const { reason, view } of readChannel(objectStore, "quarantine", { source })) {
    if (view === null || view === viewId) reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return reasons;
}
