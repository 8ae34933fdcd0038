import type { z } from "zod";
import type { AggregationCall } from "./aggregation-call.ts";
import type { Scalar, Where } from "./where.ts";
import type { Window } from "./window.ts";

/** A single value. Null: nothing to compute it from (R7). */
export type FeatureScalar = number | string | boolean | null;

/** A value and how often it came. */
export interface ValueCount<Value extends Scalar = Scalar> {
  readonly value: Value;
  readonly count: number;
}

/** A value for each key of a field that is not an enum (`by`), as many as there was room for. */
export interface ValuesByKey<Value extends FeatureScalar = FeatureScalar> {
  /** By key, as text, in the order of the keys. */
  readonly values: Readonly<Record<string, Value>>;
  /** How many events came under keys for which there was no room. */
  readonly overflowed: number;
}

/**
 * A feature's value as an answer holds it: a single value, a list of the aggregations that answer several, or values by
 * key. A model's vector takes single numbers: an item of a list by its place, as in `card.largest_24h.0`, and a key's
 * value by the key, as in `card.spend_24h.acme`.
 */
export type FeatureValue = FeatureScalar | readonly Scalar[] | readonly ValueCount[] | ValuesByKey;

/** Optional notes on any definition, shown by `freshet describe`. */
export interface Documented {
  /** Who answers for it, such as a team. */
  readonly owner?: string;
  /** What it is, for readers of the catalog. */
  readonly description?: string;
}

/**
 * A stream of events of one shape. Plain data, made by `source()`.
 * Times in the row are ISO 8601 text or whole milliseconds since the epoch.
 */
export interface Source<Name extends string = string, Schema extends z.ZodObject = z.ZodObject>
  extends Documented {
  readonly kind: "source";
  readonly name: Name;
  readonly schema: Schema;
  /** The field whose value, as text, is the Kinesis partition key. */
  readonly partitionKey: string;
  /** The field that says when the event happened. */
  readonly eventTime: string;
  /** The field that names the event; its repeats are dropped (R3). Null: producer retries are not told apart. */
  readonly eventId: string | null;
  /** The field to take as arrival instead of Kinesis's own stamp, for replays of history (R5). */
  readonly arrivalTime: string | null;
  /** How far an event may be ahead of its arrival, in milliseconds (R5). */
  readonly maxFutureSkewMs: number;
  /** How far clocks of producers and readers may differ; added to slack and to lag. */
  readonly clockSkewMs: number;
  /** How long the stream keeps a record, in milliseconds. */
  readonly retentionMs: number;
}

/** One named output of a view: an aggregation over one window. */
export interface Feature {
  /** Unique within the view: `spend_5m`, or `channel_1h.web` for a bucket. */
  readonly name: string;
  readonly aggregation: AggregationCall;
  readonly window: Window;
  /** What an empty window answers instead of 0 (counts) or null; undefined for that rule itself (R7). */
  readonly whenEmpty: FeatureValue | undefined;
}

/**
 * A set of features over one source for one entity, versioned. Plain data, made by `view()`.
 * The last two type parameters are the row type of the answer and of the key; they exist at type-check only.
 */
export interface View<
  Name extends string = string,
  Features extends Record<string, FeatureValue> = Record<string, FeatureValue>,
  Key extends Record<string, Scalar> = Record<string, Scalar>,
> extends Documented {
  readonly kind: "view";
  readonly name: Name;
  readonly version: number;
  readonly source: Source;
  /** The fields of the entity, in key order; empty for a view with no entity. */
  readonly entity: readonly string[];
  /** How old the answer may be before it is stale, in milliseconds. */
  readonly slaMs: number;
  /** Rows that belong to the view; what it leaves out is counted as excluded (R12). */
  readonly where: Where | null;
  /** How far back reads and closed windows stay exact, in milliseconds (R5). */
  readonly allowedLatenessMs: number;
  /** Bounds of the ring of event ids (R3). */
  readonly dedup: { readonly horizonMs: number; readonly count: number };
  readonly features: readonly Feature[];
  /**
   * Type-check only; never set.
   * @hidden
   */
  readonly __features?: Features;
  /** @hidden */
  readonly __key?: Key;
}

/** True when all events of an entity come through one shard at a time (R1): its key contains the partition key. */
export function isSingleWriter(view: Pick<View, "entity" | "source">): boolean {
  return view.entity.includes(view.source.partitionKey);
}

/** A view as a service reads it: under an alias, with the view's key fields named as the request names them. */
export interface ViewReference {
  readonly view: View;
  /** For each key field of the view, the name of the request's key: `{ account: "payer" }`. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Pure function of features, request and as-of time (epoch ms): the same code online and offline. */
export type Derive = (
  features: Readonly<Record<string, Readonly<Record<string, FeatureValue>>>>,
  request: Readonly<Record<string, unknown>>,
  asOfMs: number,
) => Readonly<Record<string, FeatureScalar>>;

/** The ordered feature list of a model. Plain data, made by `service()`. */
export interface FeatureService<Name extends string = string> extends Documented {
  readonly kind: "service";
  readonly name: Name;
  readonly version: number;
  readonly views: Readonly<Record<string, ViewReference>>;
  /** Schema of the request's context; null when there is none. */
  readonly request: z.ZodObject | null;
  readonly derive: Derive | null;
  /** `alias.feature`, `request.field` or the name of a derived value, in the model's order. */
  readonly vector: readonly string[];
  /** What enters the tensor instead of NaN for a null, by vector name. */
  readonly whenNull: Readonly<Record<string, number>>;
}

/** What to do when a view's SLA is violated or its freshness is unknown (R11). */
export type StalePolicy = "serve" | "default" | "fallback" | "reject";

/** An ONNX model over one feature service. Plain data, made by `model()`. */
export interface Model<Name extends string = string> extends Documented {
  readonly kind: "model";
  readonly name: Name;
  readonly version: number;
  readonly service: FeatureService;
  /** The ONNX file, relative to the definitions' folder. */
  readonly file: string;
  /** The output tensor that holds the score. */
  readonly output: string;
  readonly onStale: StalePolicy;
  /** With `default`: the score to answer. */
  readonly defaultScore: number | null;
  /** With `fallback`: the model to score instead, by name. */
  readonly fallback: string | null;
}

/** Everything a definitions module exports, checked. */
export interface Definitions {
  readonly sources: readonly Source[];
  readonly views: readonly View[];
  readonly services: readonly FeatureService[];
  readonly models: readonly Model[];
}
