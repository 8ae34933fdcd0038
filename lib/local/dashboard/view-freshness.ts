import type { ViewPlan } from "../../engine/plan.ts";
import type { Clock } from "../../engine/ports/clock.ts";
import { controlKey, parseControl } from "../../online/control.ts";
import { combineProgress, currentShards, type Freshness, judgeFreshness } from "../../online/freshness.ts";
import { parseProgress, progressKey } from "../../online/progress.ts";
import type { StateStore } from "../../online/state-store.ts";

/**
 * The freshness of whole views, by id: the worst of their streams' shards (R11).
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function readViewFreshness(options: {
  readonly store: StateStore;
  readonly plans: readonly ViewPlan[];
  readonly clock: Clock;
}): Promise<ReadonlyMap<string, Freshness>> {
  const { store, plans, clock } = options;
  const sources = [...new Set(plans.map(({ view }) => view.source.name))];
  const controls = await store.get(sources.map(controlKey), { consistent: true });
  const shards = new Map(
    sources.map((source) => {
      const item = controls.get(controlKey(source));
      return [source, item === undefined ? [] : currentShards(parseControl(item))];
    }),
  );
  const shardsOf = ({ view }: ViewPlan) => shards.get(view.source.name)!;
  const keys = plans.flatMap((plan) => shardsOf(plan).map(({ writer }) => progressKey(plan.id, writer)));
  const items = await store.get(keys, { consistent: true });
  const asOfMs = clock.now();
  return new Map(
    plans.map((plan) => {
      const combined = combineProgress(shardsOf(plan), (writer) => {
        const item = items.get(progressKey(plan.id, writer));
        return item === undefined ? undefined : parseProgress(item);
      });
      return [plan.id, judgeFreshness(plan, combined, { asOfMs, consistent: true })];
    }),
  );
}
