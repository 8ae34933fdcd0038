import { z } from "@hono/zod-openapi";
import { describeFields } from "../define/schema-field.ts";
import type { Feature } from "../define/types.ts";
import type { ViewFreshness } from "../online/view-freshness.ts";
import { featureValue } from "./answers.ts";
import type { ServedModel, ServedService, ServedView } from "./catalog.ts";

const note = z.string().nullable();

const freshness = {
  lagMs: z.number().nullable().openapi({ description: "Null: unknown." }),
  status: z.enum(["fresh", "stale", "unknown", "warming"]),
  warming: z.boolean().nullable(),
};

const feature = z
  .strictObject({
    name: z.string(),
    aggregation: z.string(),
    of: note.openapi({
      description: "The field that is aggregated; null: events, or a function of the row.",
    }),
    filtered: z.boolean().openapi({ description: "Whether it takes only some of the view's events." }),
    parameters: z.record(z.string(), z.unknown()),
    by: z
      .strictObject({ field: z.string(), maxKeys: z.int() })
      .optional()
      .openapi({ description: "Where it has a value for each key of a field: which, and how many at most." }),
    window: z.record(z.string(), z.unknown()).openapi({
      description: "The window's kind, and its lengths in milliseconds.",
      example: { kind: "sliding" },
    }),
    default: featureValue.optional().openapi({ description: "Of an empty window, where one is declared." }),
  })
  .openapi("FeatureDefinition");

const shard = z
  .strictObject({
    shard: z.string().openapi({ description: "The writer: stream incarnation and shard." }),
    open: z
      .boolean()
      .openapi({ description: "A closed shard counts for its view until all its children have progress." }),
    progress: z.iso
      .datetime()
      .nullable()
      .openapi({ description: "Everything that arrived up to here is folded; null: nothing is yet." }),
    sequenceNumber: note,
    ...freshness,
  })
  .openapi("ShardFreshness");

/** Answer of `GET /v1/views`. */
export const viewsAnswer = z
  .strictObject({
    requestId: z.string(),
    views: z.array(
      z
        .strictObject({
          view: z.string(),
          version: z.int(),
          owner: note,
          description: note,
          source: z.string(),
          entity: z.array(z.string()),
          singleWriter: z
            .boolean()
            .openapi({ description: "One item an entity; else one an entity and shard, merged when read." }),
          filtered: z.boolean().openapi({ description: "Whether the view leaves events of its source out." }),
          slaMs: z.number(),
          allowedLatenessMs: z.number(),
          dedup: z
            .strictObject({ horizonMs: z.number(), count: z.int() })
            .nullable()
            .openapi({ description: "Bounds on the ids kept against repeats; null: the source names none." }),
          features: z.array(feature),
          asOf: z.iso.datetime(),
          ...freshness,
          shards: z.array(shard),
        })
        .openapi("ViewDefinition"),
    ),
  })
  .openapi("Views");

export type ViewsAnswer = z.infer<typeof viewsAnswer>;

const model = z
  .strictObject({
    model: z.string(),
    version: z.int(),
    owner: note,
    description: note,
    onStale: z.enum(["serve", "default", "fallback", "reject"]),
    defaultScore: z.number().nullable(),
    fallback: note,
    batching: z
      .enum(["one-run", "row-by-row"])
      .openapi({ description: "How a batch is scored: row by row where the file holds one row a run." }),
  })
  .openapi("ModelDefinition");

/** Answer of `GET /v1/services`. */
export const servicesAnswer = z
  .strictObject({
    requestId: z.string(),
    services: z.array(
      z
        .strictObject({
          service: z.string(),
          version: z.int(),
          owner: note,
          description: note,
          asOf: z.iso.datetime(),
          views: z.array(
            z.strictObject({
              alias: z.string(),
              view: z.string(),
              version: z.int(),
              keys: z
                .record(z.string(), z.string())
                .openapi({ description: "For each field of the entity, the name of the request's key." }),
              slaMs: z.number(),
              ...freshness,
            }),
          ),
          context: z.array(
            z.strictObject({ name: z.string(), types: z.array(z.string()), nullable: z.boolean() }),
          ),
          vector: z.array(z.string()),
          whenNull: z.record(z.string(), z.number()),
          derives: z.boolean(),
          models: z.array(model),
        })
        .openapi("ServiceDefinition"),
    ),
  })
  .openapi("Services");

export type ServicesAnswer = z.infer<typeof servicesAnswer>;

/** A view's definition and how fresh it is. */
export function answerViewDefinition(
  { plan: { view, singleWriter } }: ServedView,
  { asOfMs, lagMs, status, warming, shards }: ViewFreshness,
): ViewsAnswer["views"][number] {
  return {
    view: view.name,
    version: view.version,
    owner: view.owner ?? null,
    description: view.description ?? null,
    source: view.source.name,
    entity: [...view.entity],
    singleWriter,
    filtered: view.where !== null,
    slaMs: view.slaMs,
    allowedLatenessMs: view.allowedLatenessMs,
    dedup: view.source.eventId === null ? null : { ...view.dedup },
    features: view.features.map(answerFeature),
    asOf: new Date(asOfMs).toISOString(),
    lagMs,
    status,
    warming,
    shards: shards.map(({ writer, open, progressMs, sequenceNumber, ...judged }) => ({
      shard: writer,
      open,
      progress: progressMs === null ? null : new Date(progressMs).toISOString(),
      sequenceNumber,
      lagMs: judged.lagMs,
      status: judged.status,
      warming: judged.warming,
    })),
  };
}

function answerFeature({ name, aggregation, window, whenEmpty }: Feature): z.infer<typeof feature> {
  const { value, where, parameters, by } = aggregation;
  return {
    name,
    aggregation: aggregation.name,
    of: value?.kind === "field" ? value.field : null,
    filtered: where !== null,
    parameters: { ...parameters },
    ...(by === undefined ? {} : { by: { ...by } }),
    window: { ...window },
    ...(whenEmpty === undefined ? {} : { default: whenEmpty }),
  };
}

/** A service's definition, its models, and how fresh its views are; `freshness[i]` is of its view number i. */
export function answerServiceDefinition(
  { service, views }: ServedService,
  models: readonly ServedModel[],
  freshness: readonly ViewFreshness[],
  asOfMs: number,
): ServicesAnswer["services"][number] {
  const fields = service.request === null ? [] : [...describeFields(service.request)];
  return {
    service: service.name,
    version: service.version,
    owner: service.owner ?? null,
    description: service.description ?? null,
    asOf: new Date(asOfMs).toISOString(),
    views: views.map(({ alias, plan: { view }, keyNames }, index) => {
      const { slaMs, lagMs, status, warming } = freshness[index]!;
      const keys = Object.fromEntries(view.entity.map((field, i) => [field, keyNames[i]!]));
      return { alias, view: view.name, version: view.version, keys, slaMs, lagMs, status, warming };
    }),
    context: fields.map(([name, { types, nullable }]) => ({ name, types: [...types], nullable })),
    vector: [...service.vector],
    whenNull: { ...service.whenNull },
    derives: service.derive !== null,
    models: models.map(({ model: each, scoring }) => ({
      model: each.name,
      version: each.version,
      owner: each.owner ?? null,
      description: each.description ?? null,
      onStale: each.onStale,
      defaultScore: each.defaultScore,
      fallback: each.fallback,
      batching: scoring.batching,
    })),
  };
}
