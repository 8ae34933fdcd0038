import type { AggregationName } from "../../define/aggregation-call.ts";
import { FreshetError } from "../../define/error.ts";
import { type EntityKey, entityKey, itemKey } from "../../engine/key.ts";
import type { ViewPlan } from "../../engine/plan.ts";
import type { Clock } from "../../engine/ports/clock.ts";
import { controlKey, parseControl } from "../../online/control.ts";
import { entityState } from "../../online/items.ts";
import type { StateStore } from "../../online/state-store.ts";
import type { KeyValues } from "./collect/busiest-keys.ts";
import type { BusyEntity, BusyView } from "./snapshot.ts";
import { measureName, readTileSeries, type TileMeasure, tileMeasure } from "./tile-series.ts";

const MOST_SHOWN = 5;
/** The ranking is of a sample: a few more are read, and ordered by what their tiles hold. */
const MOST_READ = 8;

const ADDED: readonly AggregationName[] = ["count", "sum"];

interface Candidate {
  readonly measure: TileMeasure;
  readonly values: KeyValues;
  readonly key: EntityKey;
  readonly items: readonly { readonly pk: string; readonly writer: string }[];
}

/**
 * The tiles of the entities that most events came for, by view, in one round trip.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function readBusiestEntities(options: {
  readonly plans: readonly ViewPlan[];
  readonly store: StateStore;
  readonly clock: Clock;
  /** The keys of a view that come most often. */
  readonly busiest: (viewId: string, count: number) => readonly KeyValues[];
}): Promise<readonly BusyView[]> {
  const { plans, store, clock, busiest } = options;
  const measures = plans.map(tileMeasure).filter((measure) => measure !== null);
  const writers = await readWriters(store, plans);
  const candidates = measures.flatMap((measure) =>
    busiest(measure.plan.id, MOST_READ).map((values): Candidate => {
      const key = entityKey(measure.plan, values);
      const own = writers.get(measure.plan.view.source.name) ?? [];
      return { measure, values, key, items: itemsOf(measure.plan, key, own) };
    }),
  );
  const stored = await store.get(
    candidates.flatMap(({ items }) => items.map(({ pk }) => pk)),
    { consistent: false },
  );
  const nowMs = clock.now();
  const read = ({ measure, values, key, items }: Candidate): BusyEntity[] => {
    const images = items.flatMap(({ pk, writer }) => {
      const item = stored.get(pk);
      return item === undefined ? [] : [{ writer, image: entityState(item, key).image }];
    });
    try {
      return [{ key: values.map(String), ...readTileSeries(measure, images, nowMs) }];
    } catch (error) {
      // A replay puts events first and moves its clock then: in between, an item may be ahead of it.
      if (error instanceof FreshetError && error.code === "AS_OF_TOO_OLD") return [];
      throw error;
    }
  };
  return measures.map((measure) => {
    const entities = candidates.filter((candidate) => candidate.measure === measure).flatMap(read);
    if (measure.feature.aggregation.name === "count")
      entities.sort((left, right) => sumOf(right.tiles) - sumOf(left.tiles));
    return {
      view: measure.plan.id,
      measure: measureName(measure),
      tileMs: measure.tileMs,
      adds: ADDED.includes(measure.feature.aggregation.name),
      entities: entities.slice(0, MOST_SHOWN),
    };
  });
}

/** The writers of each source's stream. */
async function readWriters(
  store: StateStore,
  plans: readonly ViewPlan[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const sources = [...new Set(plans.map(({ view }) => view.source.name))];
  const controls = await store.get(sources.map(controlKey), { consistent: false });
  return new Map(
    sources.map((source) => {
      const item = controls.get(controlKey(source));
      return [source, item === undefined ? [] : parseControl(item).shards.map(({ writer }) => writer)];
    }),
  );
}

function itemsOf(plan: ViewPlan, key: EntityKey, writers: readonly string[]): Candidate["items"] {
  if (plan.singleWriter) return [{ pk: itemKey(key, null), writer: "" }];
  return writers.map((writer) => ({ pk: itemKey(key, writer), writer }));
}

function sumOf(tiles: readonly (number | null)[]): number {
  return tiles.reduce((sum: number, tile) => sum + (tile ?? 0), 0);
}
