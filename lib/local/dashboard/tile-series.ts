import type { AggregationName } from "../../define/aggregation-call.ts";
import type { Feature } from "../../define/types.ts";
import type { ViewPlan } from "../../engine/plan.ts";
import type { FeatureReader } from "../../online/reader.ts";
import type { KeyValues } from "./collect/busiest-keys.ts";

/** What is drawn of a view's tiles: one feature's aggregation in each tile of the finest level that holds it. */
export interface TileMeasure {
  readonly plan: ViewPlan;
  readonly feature: Feature;
  readonly tileMs: number;
  /** How many tiles there are to draw. */
  readonly length: number;
  /** Whether tiles add up. */
  readonly adds: boolean;
}

const MOST_TILES = 36;

/** Aggregations whose result over one tile is a number, the more telling first. */
const MEASURED: readonly AggregationName[] = [
  "count",
  "sum",
  "approxDistinct",
  "distinct",
  "share",
  "mean",
  "max",
  "min",
  "approxPercentile",
];
const ADDED: readonly AggregationName[] = ["count", "sum"];

/** The measure of a view: its count of events where it has one, else its most telling number; null: none has tiles. */
export function tileMeasure(plan: ViewPlan): TileMeasure | null {
  const measures = plan.features.flatMap(({ feature, columns }): TileMeasure[] => {
    const { name, by } = feature.aggregation;
    if (!MEASURED.includes(name) || by !== undefined) return [];
    const level = plan.levels.find(
      ({ hopMs, columns: held }) => hopMs !== null && columns.every((column) => held.includes(column)),
    );
    const tileMs = level?.hopMs ?? null;
    if (level === undefined || tileMs === null) return [];
    const length = Math.min(MOST_TILES, Math.max(1, Math.round(level.spanMs / tileMs)));
    return [{ plan, feature, tileMs, length, adds: ADDED.includes(name) }];
  });
  const order = ({ feature: { aggregation } }: TileMeasure) =>
    2 * MEASURED.indexOf(aggregation.name) + (aggregation.where === null ? 0 : 1);
  return measures.sort((left, right) => order(left) - order(right))[0] ?? null;
}

/** `count`, `sum of amount`. */
export function measureName({ feature: { aggregation } }: TileMeasure): string {
  const { name, value } = aggregation;
  return value?.kind === "field" ? `${name} of ${value.field}` : name;
}

export interface TileSeries {
  /** Oldest first; null: nothing to compute it from, or not known. */
  readonly tiles: readonly (number | null)[];
  readonly lastTileMs: number;
}

/**
 * The newest tiles of an entity, up to the one that holds the clock's time; null for one that nothing is known of.
 *
 * @throws FreshetError as the reader does.
 */
export async function readTileSeries(
  reader: FeatureReader,
  { plan, feature, tileMs, length }: TileMeasure,
  key: KeyValues,
): Promise<TileSeries | null> {
  const reading = await reader.readHistory({ plan, key }, { features: [feature.name], consistent: false });
  if (!reading.known) return null;
  const [series] = reading.series;
  const lastTileMs = Math.floor(reading.asOfMs / tileMs) * tileMs;
  const firstTileMs = lastTileMs - (length - 1) * tileMs;
  const stretch = series?.stretches.find(({ hopMs }) => hopMs === tileMs);
  const values = new Map(series?.tiles.map(({ startMs, value }) => [startMs, value]));
  const tiles = Array.from({ length }, (_, index) => {
    const startMs = firstTileMs + index * tileMs;
    if (stretch === undefined || startMs < stretch.fromMs) return null;
    const value = values.get(startMs) ?? series!.emptyValue;
    return typeof value === "number" ? value : null;
  });
  return { tiles, lastTileMs };
}
