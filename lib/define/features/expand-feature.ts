import type { AggregationCall, AggregationName, ValueExpression } from "../aggregation-call.ts";
import { AGGREGATION_TRAITS } from "../aggregation-traits.ts";
import { checkOptions, type OptionNames } from "../check-options.ts";
import { freezeDeep } from "../freeze.ts";
import { checkIdentifier } from "../identifier.ts";
import { quoteWithNearest } from "../nearest-name.ts";
import { checkReturnsAtOnce } from "../pure-function.ts";
import { quote, quoteAll, refuse } from "../refuse.ts";
import type { SchemaField } from "../schema-field.ts";
import type { Feature, FeatureValue } from "../types.ts";
import type { Where } from "../where.ts";
import { checkDefault } from "./check-default.ts";
import { expandWindow } from "./expand-window.ts";
import type { AggregationOptions } from "./feature-builder.ts";
import { filterOf, filterOfBucket } from "./filter.ts";
import { AGGREGATION_SETTINGS, parametersOf } from "./parameters.ts";
import type { AggregationRequest, AnyWindowed } from "./windowed-feature.ts";

type Fields = ReadonlyMap<string, SchemaField>;

/** An aggregation's options, of which only the names are checked. */
type GivenOptions = Readonly<Record<string, unknown>>;

const COMMON_OPTIONS: OptionNames<AggregationOptions<unknown, string, unknown>> = {
  where: true,
  by: true,
  maxKeys: true,
  default: true,
};

/**
 * The features of one entry of a view's features callback: one for each window, and for each value of `by`.
 *
 * @throws FreshetError `DEFINITION_INVALID` for an aggregation or option that does not exist, and a field, filter, setting or window
 *   that is not allowed.
 */
export function expandFeature(
  place: string,
  name: string,
  given: AnyWindowed,
  fields: Fields,
): readonly Feature[] {
  checkIdentifier(place, name);
  if (!isRequested(given)) {
    refuse(place, `${quote(given)} is not a feature; write t.<aggregation>(...).over(...).`);
  }
  const { request } = given;
  checkAggregation(place, request);
  if (given.windows.length === 0)
    refuse(
      place,
      "has no window; add .over(...), .tumbling(...), .hopping(...), .session(...) or .lifetime().",
    );
  const windows = given.windows.flatMap((window) => expandWindow(place, window));
  const options = optionsOf(place, request);
  const calls = expandBuckets(place, request, options, fields);
  checkDefault(place, options.default, calls[0]!.call, fields);
  const whenEmpty = copyOf(options.default as FeatureValue | undefined);
  return windows.flatMap(({ suffix, window }) =>
    calls.map(({ bucket, call }) => ({
      name: bucket === null ? `${name}_${suffix}` : `${name}_${suffix}.${bucket}`,
      aggregation: call,
      window,
      whenEmpty,
    })),
  );
}

/** Whether it is of the builder; an aggregation that does not exist is so even before it is called. */
function isRequested(given: unknown): boolean {
  const isObject = (typeof given === "object" && given !== null) || typeof given === "function";
  return isObject && "request" in given && "windows" in given;
}

function checkAggregation(place: string, { aggregation }: AggregationRequest): void {
  const names = Object.keys(AGGREGATION_TRAITS);
  if (names.includes(aggregation)) return;
  refuse(
    place,
    `there is no aggregation ${quoteWithNearest(aggregation, names)}; allowed: ${quoteAll(names)}.`,
  );
}

function optionsOf(place: string, { aggregation, options = {} }: AggregationRequest): GivenOptions {
  const known = { ...COMMON_OPTIONS, ...AGGREGATION_SETTINGS[aggregation] };
  checkOptions(place, options, known, `the options of ${aggregation}`);
  return options as GivenOptions;
}

/** A list as a default is answered again and again: nobody may change it. */
function copyOf(whenEmpty: FeatureValue | undefined): FeatureValue | undefined {
  return Array.isArray(whenEmpty) ? freezeDeep([...whenEmpty]) : whenEmpty;
}

function expandBuckets(
  place: string,
  request: AggregationRequest,
  options: GivenOptions,
  fields: Fields,
): readonly { bucket: string | null; call: AggregationCall }[] {
  const { by, maxKeys } = options;
  const where = options.where === undefined ? null : filterOf(place, options.where, fields);
  if (request.aggregation === "share" && where === null) {
    refuse(place, "share has no where; it is the fraction of the events that match one.");
  }
  const call = (filter: Where | null): AggregationCall => ({
    name: request.aggregation,
    value: valueExpression(place, request, fields),
    where: filter,
    parameters: parametersOf(place, request.aggregation, options),
  });
  if (by === undefined) {
    if (maxKeys !== undefined) refuse(place, "maxKeys is set, but by names no field.");
    return [{ bucket: null, call: call(where) }];
  }
  if (request.aggregation === "share") refuse(place, "share takes no by; put the field in its where.");
  const field = typeof by === "string" ? fields.get(by) : undefined;
  if (typeof by !== "string" || field === undefined) {
    refuse(place, `by names ${quote(by)}; the schema has ${quoteAll([...fields.keys()])}.`);
  }
  const buckets = enumOf(field);
  if (buckets === null)
    return [
      { bucket: null, call: { ...call(where), by: keysOf(place, { ...request, by, options, field }) } },
    ];
  if (buckets.includes(""))
    refuse(place, `by ${quote(by)} is an enum with an empty text, which names no feature.`);
  if (maxKeys !== undefined) {
    refuse(
      place,
      `maxKeys is set, but by ${quote(by)} is an enum, which has a feature for each of its values.`,
    );
  }
  return buckets.map((bucket) => ({ bucket, call: call(filterOfBucket(place, where, by, bucket)) }));
}

/** The texts of an enum; null for a field of other values. */
function enumOf({ values }: SchemaField): readonly string[] | null {
  if (values === null || values.length === 0) return null;
  return values.every((value) => typeof value === "string") ? (values as readonly string[]) : null;
}

/** The most keys that a feature by another field than an enum can be set to keep, and what it keeps by default. */
const MAX_KEYS = 256;
const DEFAULT_KEYS = 32;

function keysOf(
  place: string,
  given: {
    readonly aggregation: AggregationName;
    readonly by: string;
    readonly options: GivenOptions;
    readonly field: SchemaField;
  },
): NonNullable<AggregationCall["by"]> {
  const { aggregation, by, options, field } = given;
  const { maxKeys = DEFAULT_KEYS } = options;
  const { answers } = AGGREGATION_TRAITS[aggregation];
  if (answers !== "number" && answers !== "value") {
    refuse(place, `${aggregation} answers a list, which by takes of an enum alone; ${quote(by)} is none.`);
  }
  if (field.types.size === 0 || field.types.has("other")) {
    refuse(place, `by ${quote(by)} is not a field of text, numbers or booleans.`);
  }
  if (options.default !== undefined) {
    refuse(place, `default is set, but by ${quote(by)} answers only keys that have events: none is empty.`);
  }
  if (typeof maxKeys !== "number" || !Number.isInteger(maxKeys) || maxKeys < 1 || maxKeys > MAX_KEYS) {
    refuse(place, `maxKeys is ${quote(maxKeys)}; write a whole number from 1 to ${MAX_KEYS}.`);
  }
  return { field: by, maxKeys };
}

function valueExpression(place: string, request: AggregationRequest, fields: Fields): ValueExpression | null {
  const { takes } = AGGREGATION_TRAITS[request.aggregation];
  const { value } = request;
  if (takes === "nothing") return null;
  if (typeof value === "function") {
    checkReturnsAtOnce(place, `the value of ${request.aggregation}`, value);
    return { kind: "function", apply: value as (row: Readonly<Record<string, unknown>>) => unknown };
  }
  const field = fields.get(value as string);
  if (field === undefined) {
    refuse(
      place,
      `${request.aggregation}(${quote(value)}) is not of a field; the schema has ${quoteAll([...fields.keys()])}.`,
    );
  }
  const isWrong =
    takes === "number" ? !field.types.has("number") || field.types.size > 1 : field.types.has("other");
  // A transform's result cannot be told from its schema; the type-check has seen it, and a row of another type is skipped.
  if (isWrong && !field.types.has("unknown")) {
    const allowed = takes === "number" ? "a number" : "text, a number or a boolean";
    const holds = [...field.types].map((type) => (type === "other" ? "something else" : type)).join(" or ");
    refuse(
      place,
      `${request.aggregation}(${quote(value)}) needs a field of ${allowed}; it holds ${holds || "nothing"}.`,
    );
  }
  return { kind: "field", field: value as string };
}
