import { z } from "@hono/zod-openapi";
import type { Model, StalePolicy } from "../define/types.ts";
import type { FeatureVector } from "../engine/vector.ts";
import type { EntityReading } from "../online/reader.ts";
import { ownPolicy, policyApplied } from "./freshness-policy.ts";
import type { Prediction } from "./predict.ts";
import { problemDocument } from "./problem-response.ts";
import type { ServedReading } from "./read-views.ts";

export const STALE_POLICIES = ["serve", "default", "fallback", "reject"] as const;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const named = z.strictObject({ name: z.string(), version: z.int() });

/** What a feature may be (`FeatureValue`). */
export const featureValue = z
  .union([
    scalar,
    z.array(scalar).readonly(),
    z.array(z.strictObject({ value: scalar, count: z.number() }).readonly()).readonly(),
    z
      .strictObject({
        values: z.record(z.string(), scalar.nullable()).readonly(),
        overflowed: z.number().openapi({
          description: "Events under keys for which there was no room (see the view's `maxKeys`).",
        }),
      })
      .readonly(),
  ])
  .nullable()
  .openapi({
    description:
      "A single value; a list, of the aggregations that answer several; or a value for each key of `by`.",
  });

/** One view of an answer. */
export const viewAnswer = z
  .strictObject({
    view: z.string(),
    version: z.int(),
    key: z.record(z.string(), scalar).openapi({ description: "The key, by the entity's fields." }),
    known: z.boolean().openapi({ description: "False when the entity was never seen, or has expired." }),
    asOf: z.iso.datetime(),
    lagMs: z.number().nullable().openapi({ description: "How far behind the view may be; null: unknown." }),
    slaMs: z.number(),
    status: z.enum(["fresh", "stale", "unknown", "warming"]),
    warming: z.boolean().nullable().openapi({
      description: "Whether a window may lack events from before the view began; null: unknown.",
    }),
    consistent: z.boolean().openapi({ description: "False when the items were read eventually." }),
    policy: z.enum(STALE_POLICIES).openapi({ description: "What was done about the view's freshness." }),
    position: z
      .array(z.strictObject({ writer: z.string(), sequenceNumber: z.string() }))
      .openapi({ description: "How far each item was folded when it was read." }),
  })
  .openapi("View");

export type ViewAnswer = z.infer<typeof viewAnswer>;

const views = z.record(z.string(), viewAnswer);

/** Answer of `POST /v1/predict`. */
export const predictionAnswer = z
  .strictObject({
    requestId: z.string(),
    asOf: z.iso.datetime(),
    score: z.number(),
    model: named.openapi({
      description: "The model whose score this is; with policy default, whose default.",
    }),
    policy: z.enum(["serve", "default", "fallback"]),
    features: z
      .record(z.string(), z.number().nullable())
      .nullable()
      .openapi({ description: "The vector that was scored, in order; null with policy default." }),
    views: views.openapi({ description: "The model's views, by alias." }),
    passedOver: z
      .array(z.strictObject({ model: named, views }))
      .openapi({ description: "With policy fallback: the models before, whose views violated their SLA." }),
  })
  .openapi("Prediction");

export type PredictionAnswer = z.infer<typeof predictionAnswer>;

/** What is wrong with one row of a batch. */
const rowProblem = z.strictObject({ problem: problemDocument }).openapi("RowProblem");

/** Answer of `POST /v1/predict` with `entities`: a row for each, in their order. */
export const predictionBatchAnswer = z
  .strictObject({
    requestId: z.string(),
    results: z.array(
      z.union([predictionAnswer.omit({ requestId: true }).openapi("RowPrediction"), rowProblem]),
    ),
  })
  .openapi("PredictionBatch");

export type PredictionBatchAnswer = z.infer<typeof predictionBatchAnswer>;

const viewsWithFeatures = z.record(
  z.string(),
  viewAnswer.extend({ features: z.record(z.string(), featureValue) }).openapi("ViewWithFeatures"),
);

/** Answer of `POST /v1/features`. */
export const featuresAnswer = z
  .strictObject({ requestId: z.string(), views: viewsWithFeatures })
  .openapi("Features");

/** Answer of `POST /v1/features` with `entities`: a row for each, in their order. */
export const featuresBatchAnswer = z
  .strictObject({
    requestId: z.string(),
    results: z.array(
      z.union([z.strictObject({ views: viewsWithFeatures }).openapi("RowFeatures"), rowProblem]),
    ),
  })
  .openapi("FeaturesBatch");

export type FeaturesBatchAnswer = z.infer<typeof featuresBatchAnswer>;

export type FeaturesAnswer = z.infer<typeof featuresAnswer>;

/** A reading as answers show it; `policy` is what a violation of its SLA met. */
export function answerView(
  reading: EntityReading & { readonly entity: readonly string[] },
  policy: StalePolicy,
): ViewAnswer {
  return {
    view: reading.view,
    version: reading.version,
    key: Object.fromEntries(reading.entity.map((field, index) => [field, reading.key[index]!])),
    known: reading.known,
    asOf: new Date(reading.asOfMs).toISOString(),
    lagMs: reading.lagMs,
    slaMs: reading.slaMs,
    status: reading.status,
    warming: reading.warming,
    consistent: reading.consistent,
    policy: policyApplied(reading, policy),
    position: reading.positions.map(({ writer, sequenceNumber }) => ({ writer, sequenceNumber })),
  };
}

/** Readings as answers show them, by alias. */
export function answerViews(
  readings: readonly ServedReading[],
  policy: StalePolicy,
): Record<string, ViewAnswer> {
  return Object.fromEntries(readings.map((reading) => [reading.alias, answerView(reading, policy)]));
}

/** Readings with their features, by alias: of a request without a model, which serves what it finds. */
export function answerFeatures(readings: readonly ServedReading[]): FeaturesAnswer["views"] {
  return Object.fromEntries(
    readings.map((reading) => [
      reading.alias,
      {
        ...answerView(reading, "serve"),
        features: reading.values,
      },
    ]),
  );
}

/** A prediction as it is answered. */
export function answerPrediction(prediction: Prediction): Omit<PredictionAnswer, "requestId"> {
  const { model, score, policy, readings, passedOver } = prediction;
  return {
    asOf: new Date(prediction.asOfMs).toISOString(),
    score,
    model: nameOf(model),
    policy,
    features: prediction.vector === null ? null : namedValues(prediction.vector),
    views: answerViews(readings, ownPolicy(prediction)),
    passedOver: passedOver.map((each) => ({
      model: nameOf(each.model),
      views: answerViews(each.readings, "fallback"),
    })),
  };
}

/** A vector by name, null where it has no value. A loop, for an object of pairs takes several times as long. */
export function namedValues({ names, values }: FeatureVector): Record<string, number | null> {
  const named: Record<string, number | null> = {};
  for (let i = 0; i < names.length; i++) named[names[i]!] = Number.isNaN(values[i]) ? null : values[i]!;
  return named;
}

function nameOf({ name, version }: Model): { name: string; version: number } {
  return { name, version };
}
