import { FreshetError } from "../../define/error.ts";
import type { ViewPlan } from "../../engine/plan.ts";
import type { FeatureReader } from "../../online/reader.ts";
import type { KeyValues } from "./collect/busiest-keys.ts";
import type { BusyEntity, BusyView } from "./snapshot.ts";
import { measureName, readTileSeries, type TileMeasure, tileMeasure } from "./tile-series.ts";

const MOST_SHOWN = 5;
/** The ranking is of a sample: a few more are read, and ordered by what their tiles hold. */
const MOST_READ = 8;

/**
 * The tiles of the entities that most events came for, by view.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function readBusiestEntities(options: {
  readonly plans: readonly ViewPlan[];
  readonly reader: FeatureReader;
  /** The keys of a view that come most often. */
  readonly busiest: (viewId: string, count: number) => readonly KeyValues[];
}): Promise<readonly BusyView[]> {
  const { plans, reader, busiest } = options;
  const measures = plans.map(tileMeasure).filter((measure) => measure !== null);
  return Promise.all(
    measures.map(async (measure): Promise<BusyView> => {
      const { plan, tileMs, adds } = measure;
      const read = await Promise.all(
        busiest(plan.id, MOST_READ).map((key) => readEntity(reader, measure, key)),
      );
      const entities = read.filter((entity) => entity !== null);
      if (adds) entities.sort((left, right) => sumOf(right) - sumOf(left));
      return {
        view: plan.id,
        measure: measureName(measure),
        tileMs,
        adds,
        entities: entities.slice(0, MOST_SHOWN),
      };
    }),
  );
}

async function readEntity(
  reader: FeatureReader,
  measure: TileMeasure,
  key: KeyValues,
): Promise<BusyEntity | null> {
  try {
    const series = await readTileSeries(reader, measure, key);
    return series === null ? null : { key: key.map(String), ...series };
  } catch (error) {
    // A replay puts events first and moves its clock then: in between, an item may be ahead of it.
    if (error instanceof FreshetError && error.code === "AS_OF_TOO_OLD") return null;
    throw error;
  }
}

function sumOf({ tiles }: BusyEntity): number {
  return tiles.reduce((sum: number, tile) => sum + (tile ?? 0), 0);
}
