import type { FeatureValue } from "../define/types.ts";
import type { Window } from "../define/window.ts";
import type { FeaturePlan, ViewPlan } from "./plan.ts";
import { type ItemImage, layoutFor, type OpenItem, openItems } from "./read.ts";

/** What a feature's aggregation answers over one tile alone. */
export interface TileValue {
  readonly startMs: number;
  readonly endMs: number;
  readonly value: FeatureValue;
}

/** A stretch of time whose tiles are of one length; the last may be shorter. Both ends in epoch ms, the end excluded. */
export interface TileStretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly hopMs: number;
}

/** An aggregation's tiles as a time series. */
export interface TileSeries {
  /** The features that share these tiles: those of one aggregation over several windows. */
  readonly features: readonly string[];
  /** What a tile without events answers; such tiles are not listed. */
  readonly emptyValue: FeatureValue;
  /** Where tiles are known, oldest first, without gaps: recent time in short tiles, older time in longer ones. */
  readonly stretches: readonly TileStretch[];
  /** The tiles that have events, oldest first. They never overlap, and each is whole. */
  readonly tiles: readonly TileValue[];
}

/** The tiles of one entity. */
export interface ViewHistory {
  /** False when no item exists, or all have expired. */
  readonly known: boolean;
  readonly series: readonly TileSeries[];
  /** Features whose state is not kept in tiles: over a lifetime, for example. */
  readonly withoutTiles: readonly string[];
}

/** One series while it is read. */
interface Reading {
  readonly feature: FeaturePlan;
  readonly features: string[];
  /** Levels that hold every column of the feature, finest first: what tiles can be cut to. */
  readonly levels: readonly number[];
  readonly stretches: readonly TileStretch[];
  /** Merged partials by tile start. */
  readonly tiles: Map<number, { readonly stretch: TileStretch; readonly partials: unknown[] }>;
}

/**
 * Reads the tiles of one entity as time series, from the same items and by the same merge as {@link readFeatures}.
 *
 * What ages out of a fine level's ring has been merged into the next coarser one (docs/state-format.md), so recent time
 * comes in short tiles and older time in longer ones. The two meet where the fine ring begins: the longer tile there
 * ends early, at the first short one, and is whole up to it. An event that comes late may still change any tile.
 *
 * @param options.features - names of features; all where there is none.
 * @param options.fromMs - tiles that end after it; `toMs`: tiles that start before it. The tile that holds the as-of time
 *   is the last; later ones are not read (R4).
 * @throws FreshetError as {@link readFeatures} does.
 * @example
 * ```ts
 * const { series } = readHistory(plan, [{ writer, image }], { asOfMs: Date.now() });
 * for (const { startMs, value } of series[0]?.tiles ?? []) console.log(new Date(startMs), value);
 * ```
 */
export function readHistory(
  plan: ViewPlan,
  items: readonly ItemImage[],
  options: {
    readonly asOfMs: number;
    readonly features?: readonly string[];
    readonly fromMs?: number;
    readonly toMs?: number;
  },
): ViewHistory {
  const { asOfMs, features, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = options;
  const live = openItems(plan, layoutFor(plan), items, asOfMs);
  const wanted = plan.features.filter(({ feature }) => features?.includes(feature.name) ?? true);
  const { readings, withoutTiles } = readingsOf(plan, wanted, live, asOfMs);
  addRows(plan, live, readings, { fromMs, toMs });
  return {
    known: live.length > 0,
    series: readings.map((reading) => seriesOf(plan, reading, { asOfMs, fromMs, toMs })),
    withoutTiles,
  };
}

function readingsOf(
  plan: ViewPlan,
  features: readonly FeaturePlan[],
  items: readonly OpenItem[],
  asOfMs: number,
): { readonly readings: readonly Reading[]; readonly withoutTiles: readonly string[] } {
  const readings = new Map<string, Reading>();
  const withoutTiles: string[] = [];
  for (const each of features) {
    const { name, aggregation, whenEmpty, window } = each.feature;
    const levels = isTiled(window)
      ? plan.levels.flatMap(({ hopMs, columns }, level) =>
          hopMs !== null && each.columns.every((column) => columns.includes(column)) ? [level] : [],
        )
      : [];
    if (levels.length === 0) {
      withoutTiles.push(name);
      continue;
    }
    const key = JSON.stringify([aggregation.name, aggregation.parameters, each.columns, whenEmpty]);
    const same = readings.get(key);
    if (same !== undefined) {
      same.features.push(name);
      continue;
    }
    const stretches = stretchesOf(plan, levels, items, asOfMs);
    readings.set(key, { feature: each, features: [name], levels, stretches, tiles: new Map() });
  }
  return { readings: [...readings.values()], withoutTiles };
}

/** Windows that are merged from tiles of a hop. */
function isTiled(window: Window): boolean {
  return "hopMs" in window && typeof window.hopMs === "number";
}

/**
 * Where the tiles of each level are whole: from its ring's floor (R5) to the floor of the next finer one. Of several
 * items the latest floor counts: before it, one of them has moved its rows on.
 */
function stretchesOf(
  plan: ViewPlan,
  levels: readonly number[],
  items: readonly OpenItem[],
  asOfMs: number,
): readonly TileStretch[] {
  const newest = items.flatMap(({ newestMs }) => (newestMs === null ? [] : [newestMs]));
  if (newest.length === 0) return [];
  const latestMs = Math.max(...newest);
  const stretches: TileStretch[] = [];
  let endMs: number | null = null;
  for (const level of levels) {
    const { hopMs, spanMs } = plan.levels[level]! as { readonly hopMs: number; readonly spanMs: number };
    const floorMs = Math.floor((latestMs - spanMs - plan.slackMs) / hopMs) * hopMs;
    endMs ??= (Math.floor(asOfMs / hopMs) + 1) * hopMs;
    if (floorMs >= endMs) continue;
    stretches.unshift({ fromMs: floorMs, toMs: endMs, hopMs });
    endMs = floorMs;
  }
  return stretches;
}

function addRows(
  plan: ViewPlan,
  items: readonly OpenItem[],
  readings: readonly Reading[],
  range: { readonly fromMs: number; readonly toMs: number },
): void {
  const rows = [...items]
    .sort((left, right) => (left.writer < right.writer ? -1 : 1))
    .flatMap(({ levels }, order) =>
      levels.flatMap((level, index) =>
        plan.levels[index]!.hopMs === null
          ? []
          : Array.from({ length: level.size }, (_, row) => {
              const startMs = level.tileStartMs(level.tileAt(row));
              return { level: index, rows: level, row, startMs, order };
            }),
      ),
    );
  // The order in which windows merge tiles (R4).
  rows.sort(
    (left, right) => left.startMs - right.startMs || right.level - left.level || left.order - right.order,
  );
  for (const { level, rows: source, row, startMs, order } of rows) {
    const reader = source.readerAt(row);
    const partials = new Map<number, unknown>();
    for (const column of plan.levels[level]!.columns) {
      const { kind } = plan.columns[column]!;
      const partial = kind.decode(reader, startMs);
      partials.set(column, kind.ofWriter?.(partial, order) ?? partial);
    }
    for (const reading of readings) mergeRow(plan, reading, startMs, partials, range);
  }
}

function mergeRow(
  plan: ViewPlan,
  { feature, stretches, tiles }: Reading,
  startMs: number,
  partials: ReadonlyMap<number, unknown>,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): void {
  const stretch = stretches.find((each) => startMs >= each.fromMs && startMs < each.toMs);
  if (stretch === undefined) return;
  const tileMs = Math.floor(startMs / stretch.hopMs) * stretch.hopMs;
  if (tileMs >= toMs || endOf(tileMs, stretch) <= fromMs) return;
  let tile = tiles.get(tileMs);
  for (const [place, column] of feature.columns.entries()) {
    if (!partials.has(column)) continue;
    if (tile === undefined) {
      const zeros = feature.columns.map((each) => plan.columns[each]!.kind.zero() as unknown);
      tile = { stretch, partials: zeros };
      tiles.set(tileMs, tile);
    }
    const { kind } = plan.columns[column]!;
    tile.partials[place] = kind.merge(tile.partials[place], partials.get(column));
  }
}

function endOf(tileMs: number, { hopMs, toMs }: TileStretch): number {
  return Math.min(tileMs + hopMs, toMs);
}

function seriesOf(
  plan: ViewPlan,
  { feature, features, stretches, tiles }: Reading,
  { asOfMs, fromMs, toMs }: { readonly asOfMs: number; readonly fromMs: number; readonly toMs: number },
): TileSeries {
  const zeros = feature.columns.map((column) => plan.columns[column]!.kind.zero() as unknown);
  const isEmpty = (partials: readonly unknown[]) =>
    partials.every((partial, i) => Object.is(partial, zeros[i]));
  const { whenEmpty } = feature.feature;
  const values = [...tiles].flatMap(([startMs, { stretch, partials }]): TileValue[] => {
    if (isEmpty(partials)) return [];
    const endMs = endOf(startMs, stretch);
    return [{ startMs, endMs, value: resultOf(feature, partials, { startMs, endMs, asOfMs }) }];
  });
  const span = { startMs: asOfMs - 1, endMs: asOfMs, asOfMs };
  return {
    features,
    emptyValue: whenEmpty === undefined ? resultOf(feature, zeros, span) : whenEmpty,
    stretches: stretches.filter((each) => each.toMs > fromMs && each.fromMs < toMs),
    tiles: values.sort((left, right) => left.startMs - right.startMs),
  };
}

/** The aggregation over one tile: a closed tumbling window of its length, or as much of it as has passed. */
function resultOf(
  { feature, aggregation }: FeaturePlan,
  partials: readonly unknown[],
  tile: { readonly startMs: number; readonly endMs: number; readonly asOfMs: number },
): FeatureValue {
  const { startMs } = tile;
  const endMs = Math.min(tile.endMs, Math.max(tile.asOfMs, startMs + 1));
  const widthMs = endMs - startMs;
  const window: Window = { kind: "tumbling", widthMs, hopMs: widthMs, which: "closed" };
  const { parameters } = feature.aggregation;
  return aggregation.result(partials, { parameters, asOfMs: endMs, window, startMs, endMs });
}
