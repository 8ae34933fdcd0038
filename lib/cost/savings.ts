import { formatDuration } from "../define/duration.ts";
import { isSentHeartbeats, type StatedLoad } from "./load.ts";
import type { PipelineShape, ViewShape } from "./pipeline-shape.ts";
import { shardsFor } from "./traffic.ts";

/** A change that would lower the cost, and what is to be known of it. */
export interface Saving {
  readonly change: string;
  readonly usd: number;
}

interface Priced {
  readonly shape: PipelineShape;
  readonly load: StatedLoad;
}

/** What is worth telling: of the total, and in USD a month. */
const LEAST_PART = 0.01;
const LEAST_USD = 1;

const MAX_WINDOW_SECONDS = 300;
/** A window of a quarter of the SLA leaves room for the heartbeats' period. */
const WINDOW_PART = 4;
/** From here on heartbeats are a minute apart, and their function need not wait for the next. */
const RELAXED_SLA_MS = 180_000;

/** Prices each change that there is by the same estimate. */
export function findSavings(
  given: Priced & { readonly totalUsd: number; readonly totalOf: (changed: Priced) => number },
): readonly Saving[] {
  const { shape, load, totalUsd, totalOf } = given;
  const changes: (Priced & { readonly change: string })[] = [
    ...longerWindow(shape, load),
    ...provisionedShards(shape, load),
    ...onDemand(shape, load),
    ...mergedViews(shape, load),
    ...relaxedSla(shape, load),
    ...noConversion(shape, load),
  ];
  return changes
    .map(({ change, ...changed }) => ({ change, usd: totalUsd - totalOf(changed) }))
    .filter(({ usd }) => usd >= LEAST_USD && usd >= LEAST_PART * totalUsd)
    .sort((a, b) => b.usd - a.usd);
}

function longerWindow(shape: PipelineShape, load: StatedLoad) {
  const slas = shape.sources.flatMap(({ slaMs }) => (slaMs === null ? [] : [slaMs]));
  const seconds = Math.min(MAX_WINDOW_SECONDS, Math.floor(Math.min(...slas) / 1_000 / WINDOW_PART));
  if (slas.length === 0 || seconds <= load.batchingWindowSeconds) return [];
  return [
    {
      change: `a batching window of ${seconds}s, a quarter of the tightest SLA: fewer batches, and one write for several events of an entity`,
      shape,
      load: { ...load, batchingWindowSeconds: seconds },
    },
  ];
}

/** The streams that are made, which alone are the pipeline's to change. */
const ownStreams = (shape: PipelineShape, { existingStreams }: StatedLoad) =>
  shape.sources.filter(({ name }) => !existingStreams.includes(name));

function provisionedShards(shape: PipelineShape, load: StatedLoad) {
  const own = ownStreams(shape, load);
  if (load.shards !== "on-demand" || own.length === 0) return [];
  const shards = Math.max(...own.map(({ name }) => shardsFor(load.eventsPerSecond[name]!, load.eventBytes)));
  return [
    {
      change: `streams of ${shards} provisioned shard${shards === 1 ? "" : "s"}, room for twice this load; they do not grow by themselves`,
      shape,
      load: { ...load, shards },
    },
  ];
}

function onDemand(shape: PipelineShape, load: StatedLoad) {
  if (load.shards === "on-demand" || ownStreams(shape, load).length === 0) return [];
  return [{ change: "streams on demand", shape, load: { ...load, shards: "on-demand" as const } }];
}

/** Views over one source for one entity are written together when they are one view. */
function mergedViews(shape: PipelineShape, load: StatedLoad) {
  const groups = groupBy(shape.views);
  const several = [...groups.values()].filter((views) => views.length > 1);
  if (several.length === 0) return [];
  const mergedInto = new Map(
    several.flatMap((views) => views.map((view) => [view.id, views[0]!.id] as const)),
  );
  const views = [...groups.values()].map((group) => ({
    ...group[0]!,
    itemBytes: group.reduce((sum, { itemBytes }) => sum + itemBytes, 0),
  }));
  const names = several.map((group) => group.map(({ id }) => id).join(" and ")).join(", ");
  return [
    {
      change: `one view each instead of ${names}, of one entity: one item to write and read; each view needs a new version`,
      shape: {
        ...shape,
        views,
        readByPrediction: readsOf(shape.readByPrediction, mergedInto),
      },
      load,
    },
  ];
}

/** Views of a group are read at once, one that is read under two names twice. */
function readsOf(read: readonly string[], mergedInto: ReadonlyMap<string, string>): readonly string[] {
  const times = new Map<string, number>();
  for (const id of new Set(read)) {
    const merged = mergedInto.get(id) ?? id;
    times.set(merged, Math.max(times.get(merged) ?? 0, read.filter((each) => each === id).length));
  }
  return [...times].flatMap(([id, count]) => Array<string>(count).fill(id));
}

const groupOf = ({ source, entity }: ViewShape) => JSON.stringify([source, entity]);

function groupBy(views: readonly ViewShape[]): ReadonlyMap<string, ViewShape[]> {
  const groups = new Map<string, ViewShape[]>();
  for (const view of views) groups.set(groupOf(view), [...(groups.get(groupOf(view)) ?? []), view]);
  return groups;
}

function relaxedSla(shape: PipelineShape, load: StatedLoad) {
  const tight = shape.sources.filter(
    (source) => isSentHeartbeats(load, source) && source.slaMs! < RELAXED_SLA_MS,
  );
  if (tight.length === 0) return [];
  const sources = shape.sources.map((source) =>
    tight.includes(source) ? { ...source, slaMs: RELAXED_SLA_MS } : source,
  );
  return [
    {
      change: `an SLA of ${formatDuration(RELAXED_SLA_MS)} for the views over ${tight.map(({ name }) => name).join(", ")}: heartbeats a minute apart, whose function need not wait`,
      shape: { ...shape, sources },
      load,
    },
  ];
}

function noConversion(shape: PipelineShape, load: StatedLoad) {
  if (load.history !== "parquet") return [];
  return [
    {
      change:
        "history as gzipped JSON lines instead of Parquet: Firehose converts nothing, and queries read more",
      shape,
      load: { ...load, history: "json" as const },
    },
  ];
}
