import type { ValueExpression } from "../../lib/define/aggregation-call.ts";
import { emptyValueOf } from "../../lib/define/aggregation-traits.ts";
import { formatDuration } from "../../lib/define/duration.ts";
import { functionSource } from "../../lib/define/function-source.ts";
import type {
  Definitions,
  Documented,
  Feature,
  FeatureService,
  Model,
  Source,
  View,
} from "../../lib/define/types.ts";
import type { Where } from "../../lib/define/where.ts";
import { type ItemBounds, itemBounds, SPARSE_EVENTS_A_DAY } from "../../lib/engine/bounds.ts";
import { MAX_IMAGE_BYTES } from "../../lib/engine/fold.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { structureHash } from "../../lib/lock/structure.ts";

interface Notes {
  readonly owner: string | null;
  readonly description: string | null;
}

export interface SourceDescription extends Notes {
  readonly name: string;
  readonly partitionKey: string;
  readonly eventTime: string;
  readonly eventId: string | null;
  readonly arrivalTime: string | null;
  readonly maxFutureSkewMs: number;
  readonly clockSkewMs: number;
  readonly retentionMs: number;
}

export interface FeatureDescription {
  readonly name: string;
  readonly aggregation: string;
  readonly value: string | null;
  readonly where: string | null;
  readonly window: Feature["window"];
  /** What an empty window answers. */
  readonly whenEmpty: Feature["whenEmpty"] | null;
}

export interface ColumnDescription {
  readonly kind: string;
  readonly value: string | null;
  readonly where: string | null;
  /** The field that its partials are kept by. */
  readonly by: string | null;
  /** Upper bound on the bytes of one tile. */
  readonly maxBytes: number;
  /** Hops of the levels that hold it, finest first; null stands for lifetime. */
  readonly hopsMs: readonly (number | null)[];
  /** The sessions that hold it. */
  readonly sessions: readonly { readonly gapMs: number; readonly maxMs: number }[];
}

export interface ViewDescription extends Notes {
  readonly name: string;
  readonly version: number;
  readonly source: string;
  readonly entity: readonly string[];
  readonly writers: "single" | "one a shard";
  readonly where: string | null;
  readonly slaMs: number;
  readonly allowedLatenessMs: number;
  readonly slackMs: number;
  /** Null: the source names no event id. */
  readonly dedup: View["dedup"] | null;
  /** Null: never. */
  readonly expiryMs: number | null;
  readonly features: readonly FeatureDescription[];
  readonly columns: readonly ColumnDescription[];
  readonly item: ItemBounds & {
    readonly limitBytes: number;
    readonly sparseEventsADay: number;
  };
  /** Items that a read of one entity names: one, or one for each open shard. */
  readonly itemsARead: "one" | "one a shard";
  readonly structure: string;
}

export interface ServiceDescription extends Notes {
  readonly name: string;
  readonly version: number;
  readonly views: Readonly<
    Record<string, { readonly view: string; readonly keys: Readonly<Record<string, string>> }>
  >;
  readonly request: readonly string[];
  readonly vector: readonly string[];
  readonly whenNull: Readonly<Record<string, number>>;
}

export interface ModelDescription
  extends Notes,
    Pick<Model, "name" | "version" | "file" | "output" | "onStale" | "defaultScore" | "fallback"> {
  readonly service: string;
}

/** What `freshet describe --json` prints. */
export interface Description {
  readonly sources: readonly SourceDescription[];
  readonly views: readonly ViewDescription[];
  readonly services: readonly ServiceDescription[];
  readonly models: readonly ModelDescription[];
}

/** Tells what definitions mean: their windows, what they keep, and what that costs. */
export function describeDefinitions(definitions: Definitions): Description {
  return {
    sources: definitions.sources.map(describeSource),
    views: definitions.views.map((view) => describeView(planView(view))),
    services: definitions.services.map(describeService),
    models: definitions.models.map(describeModel),
  };
}

function notesOf({ owner, description }: Documented): Notes {
  return { owner: owner ?? null, description: description ?? null };
}

/** What {@link describeDefinitions} tells of one source. */
export function describeSource(source: Source): SourceDescription {
  const { name, partitionKey, eventTime, eventId, arrivalTime, maxFutureSkewMs, clockSkewMs, retentionMs } =
    source;
  return {
    name,
    ...notesOf(source),
    partitionKey,
    eventTime,
    eventId,
    arrivalTime,
    maxFutureSkewMs,
    clockSkewMs,
    retentionMs,
  };
}

/** What {@link describeDefinitions} tells of one view. */
export function describeView(plan: ViewPlan): ViewDescription {
  const { view } = plan;
  return {
    name: view.name,
    version: view.version,
    ...notesOf(view),
    source: view.source.name,
    entity: view.entity,
    writers: plan.singleWriter ? "single" : "one a shard",
    where: textOfWhere(view.where),
    slaMs: view.slaMs,
    allowedLatenessMs: view.allowedLatenessMs,
    slackMs: plan.slackMs,
    dedup: view.source.eventId === null ? null : view.dedup,
    expiryMs: plan.expiryMs,
    features: view.features.map(describeFeature),
    columns: plan.columns.map(({ kind, value, where, by, levels }, index) => ({
      kind: kind.id,
      value: textOfValue(value),
      where: textOfWhere(where),
      by: by ?? null,
      maxBytes: kind.maxBytes,
      hopsMs: levels.map((level) => plan.levels[level]!.hopMs),
      sessions: plan.sessions
        .filter(({ columns }) => columns.includes(index))
        .map(({ gapMs, maxMs }) => ({ gapMs, maxMs })),
    })),
    item: { ...itemBounds(plan), limitBytes: MAX_IMAGE_BYTES, sparseEventsADay: SPARSE_EVENTS_A_DAY },
    itemsARead: plan.singleWriter ? "one" : "one a shard",
    structure: structureHash(plan),
  };
}

function describeFeature(feature: Feature): FeatureDescription {
  const { name, aggregation, window } = feature;
  const { value, where, by } = aggregation;
  const parameters = Object.entries(aggregation.parameters).map(([key, each]) =>
    key.endsWith("Ms") ? `${key.slice(0, -2)} ${formatDuration(each)}` : `${key} ${each}`,
  );
  return {
    name,
    aggregation: [
      aggregation.name,
      ...parameters,
      ...(by === undefined ? [] : [`by ${by.field} (${by.maxKeys} keys)`]),
    ].join(" "),
    value: textOfValue(value),
    where: textOfWhere(where),
    window,
    whenEmpty: emptyValueOf(feature),
  };
}

function textOfValue(value: ValueExpression | null): string | null {
  if (value === null) return null;
  return value.kind === "field" ? value.field : textOfFunction(value.apply);
}

function textOfFunction(source: Parameters<typeof functionSource>[0]): string {
  const text = functionSource(source).replace(/\s+/g, " ");
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const SYMBOLS = { gt: ">", gte: ">=", lt: "<", lte: "<=", not: "is not" } as const;

function textOfWhere(where: Where | null): string | null {
  if (where === null) return null;
  if (where.kind === "function") return textOfFunction(where.test);
  return Object.entries(where.conditions)
    .map(([field, condition]) => {
      if (typeof condition !== "object") return `${field} = ${JSON.stringify(condition)}`;
      if (condition.operator === "oneOf") return `${field} in ${JSON.stringify(condition.values)}`;
      return `${field} ${SYMBOLS[condition.operator]} ${JSON.stringify(condition.value)}`;
    })
    .join(" and ");
}

/** What {@link describeDefinitions} tells of one service. */
export function describeService(service: FeatureService): ServiceDescription {
  return {
    name: service.name,
    version: service.version,
    ...notesOf(service),
    views: Object.fromEntries(
      Object.entries(service.views).map(([alias, { view, keys }]) => [
        alias,
        { view: `${view.name}@${view.version}`, keys },
      ]),
    ),
    request: service.request === null ? [] : Object.keys(service.request.shape),
    vector: service.vector,
    whenNull: service.whenNull,
  };
}

/** What {@link describeDefinitions} tells of one model. */
export function describeModel(model: Model): ModelDescription {
  const { name, version, service, file, output, onStale, defaultScore, fallback } = model;
  return {
    name,
    version,
    ...notesOf(model),
    service: `${service.name}@${service.version}`,
    file,
    output,
    onStale,
    defaultScore,
    fallback,
  };
}
