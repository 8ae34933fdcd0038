import type { ViewPlan } from "../engine/plan.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import { summarizeItem } from "../engine/read.ts";
import { type Channel, readChannel } from "./channels.ts";
import { viewIdOf } from "./items.ts";
import type { StateStore } from "./state-store.ts";

/** What became of every record put, for one view, from what is stored alone (R12). */
export interface ViewCounts {
  folded: number;
  duplicate: number;
  late: number;
  /** Left out by the view's own `where`. */
  excluded: number;
  /** Records that no view could take among them. */
  quarantined: number;
  /** Entries of the late channel: as many as `late`, once what resets cleared is added to that. */
  lateEntries: number;
  /** Ids that a ring's count pushed out before its horizon did (R3). */
  dedupOverflow: number;
  /** Items of the view. */
  items: number;
}

const zeroViewCounts = (): ViewCounts => ({
  folded: 0,
  duplicate: 0,
  late: 0,
  excluded: 0,
  quarantined: 0,
  lateEntries: 0,
  dedupOverflow: 0,
  items: 0,
});

/**
 * Counts from items and objects, by view. Folded, duplicate, late, excluded and quarantined add up to the records put
 * (heartbeats aside), with what resets of expired items cleared. Reads the whole table: for runs and audits.
 *
 * @example
 * ```ts
 * const counts = await countOutcomes({ store, objects, plans: [planView(card)] });
 * counts.get("card@1")?.folded;
 * ```
 */
export async function countOutcomes(options: {
  readonly store: StateStore;
  readonly objects: ObjectStore;
  readonly plans: readonly ViewPlan[];
}): Promise<ReadonlyMap<string, Readonly<ViewCounts>>> {
  const { store, objects, plans } = options;
  const plansById = new Map(plans.map((plan) => [plan.id, plan]));
  const counts = new Map(plans.map((plan) => [plan.id, zeroViewCounts()]));

  for await (const item of store.scan()) {
    const plan = plansById.get(viewIdOf(item.pk) ?? "");
    if (plan === undefined || !(item.image instanceof Uint8Array)) continue;
    const own = summarizeItem(plan, item.image).counts;
    const total = counts.get(plan.id)!;
    total.items++;
    total.folded += own.folded;
    total.duplicate += own.duplicate;
    total.late += own.late;
    total.excluded += own.excluded;
    total.dedupOverflow += own.dedupOverflow;
  }

  const addEntries = async (channel: Channel, field: "quarantined" | "lateEntries") => {
    for await (const entry of readChannel(objects, channel)) {
      for (const plan of plans) {
        const concerned =
          entry.view === plan.id || (entry.view === null && entry.source === plan.view.source.name);
        if (concerned) counts.get(plan.id)![field]++;
      }
    }
  };
  await addEntries("quarantine", "quarantined");
  await addEntries("late", "lateEntries");
  return counts;
}
