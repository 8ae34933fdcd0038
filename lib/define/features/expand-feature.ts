import type { AggregationCall, AggregationName, ValueExpression } from "../aggregation-call.ts";
import { parseDuration } from "../duration.ts";
import { checkIdentifier } from "../identifier.ts";
import { checkReturnsAtOnce } from "../pure-function.ts";
import { quote, quoteAll, refuse } from "../refuse.ts";
import type { SchemaField } from "../schema-field.ts";
import type { Feature, FeatureValue } from "../types.ts";
import type { Where } from "../where.ts";
import { defaultSlidingHopMs, tumblingTileMs, type Window } from "../window.ts";
import { filterOf, filterOfBucket } from "./filter.ts";
import type { AggregationRequest, AnyWindowed, WindowRequest } from "./windowed-feature.ts";

type Fields = ReadonlyMap<string, SchemaField>;

/** What each aggregation takes as its value. */
const VALUE: Readonly<Record<AggregationName, "nothing" | "number" | "scalar">> = {
  count: "nothing",
  share: "nothing",
  sum: "number",
  mean: "number",
  min: "number",
  max: "number",
  last: "scalar",
  approxDistinct: "scalar",
  approxPercentile: "number",
};

/**
 * The features of one entry of a view's features callback: one for each window, and for each value of `by`.
 *
 * @throws FreshetError `DEFINITION_INVALID` for a field, filter, setting or window that is not allowed.
 */
export function expandFeature(
  place: string,
  name: string,
  given: AnyWindowed,
  fields: Fields,
): readonly Feature[] {
  checkIdentifier(place, name);
  if (typeof given !== "object" || given === null || !("request" in given) || !("windows" in given)) {
    refuse(place, `${quote(given)} is not a feature; write t.<aggregation>(...).over(...).`);
  }
  const { request } = given;
  if (given.windows.length === 0)
    refuse(place, "has no window; add .over(...), .tumbling(...) or .lifetime().");
  const windows = given.windows.flatMap((window) => expandWindow(place, window));
  const calls = expandBuckets(place, request, fields);
  checkDefault(place, request, fields);
  return windows.flatMap(({ suffix, window }) =>
    calls.map(({ bucket, call }) => ({
      name: bucket === null ? `${name}_${suffix}` : `${name}_${suffix}.${bucket}`,
      aggregation: call,
      window,
      whenEmpty: request.whenEmpty,
    })),
  );
}

function expandBuckets(
  place: string,
  request: AggregationRequest,
  fields: Fields,
): readonly { bucket: string | null; call: AggregationCall }[] {
  const where = request.where === undefined ? null : filterOf(place, request.where, fields);
  if (request.aggregation === "share" && where === null) {
    refuse(place, "share has no where; it is the fraction of the events that match one.");
  }
  const call = (filter: Where | null): AggregationCall => ({
    name: request.aggregation,
    value: valueExpression(place, request, fields),
    where: filter,
    parameters: parametersOf(place, request),
  });
  if (request.by === undefined) return [{ bucket: null, call: call(where) }];
  const by = request.by;
  if (request.aggregation === "share") refuse(place, "share takes no by; put the field in its where.");
  const field = fields.get(by);
  if (field === undefined) {
    refuse(place, `by names ${quote(by)}; the schema has ${quoteAll([...fields.keys()])}.`);
  }
  const buckets = field.values;
  if (
    buckets === null ||
    buckets.length === 0 ||
    buckets.some((value) => typeof value !== "string" || value === "")
  ) {
    refuse(place, `by ${quote(by)} is not an enum of texts; declare the field as z.enum([...]).`);
  }
  return (buckets as readonly string[]).map((bucket) => ({
    bucket,
    call: call(filterOfBucket(place, where, by, bucket)),
  }));
}

function valueExpression(place: string, request: AggregationRequest, fields: Fields): ValueExpression | null {
  const takes = VALUE[request.aggregation];
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

function parametersOf(place: string, request: AggregationRequest): Readonly<Record<string, number>> {
  if (request.aggregation !== "approxPercentile") return {};
  const p = request.parameters.p;
  if (typeof p !== "number" || !(p >= 0 && p <= 1)) {
    refuse(place, `p is ${quote(p)}; write a fraction from 0 to 1, such as 0.9 for the 90th percentile.`);
  }
  return { p };
}

function checkDefault(place: string, request: AggregationRequest, fields: Fields): void {
  const value: FeatureValue | undefined = request.whenEmpty;
  if (value === undefined || value === null) return;
  if (request.aggregation !== "last") {
    if (typeof value === "number" && Number.isFinite(value)) return;
    refuse(place, `default is ${quote(value)}; write a finite number.`);
  }
  const field = fields.get(request.value as string);
  const type = typeof value;
  if (field === undefined || field.types.has("unknown") || field.types.has(type as "string")) return;
  refuse(
    place,
    `default is ${quote(value)}; the field ${quote(request.value)} holds ${[...field.types].join(" or ")}.`,
  );
}

function expandWindow(place: string, request: WindowRequest): readonly { suffix: string; window: Window }[] {
  if (request.kind === "lifetime") return [{ suffix: "lifetime", window: { kind: "lifetime" } }];
  const { width } = request;
  const widthMs = parseDuration(width, `${place}, window`);
  const isSliding = request.kind === "sliding";
  const standardMs = isSliding ? defaultSlidingHopMs(widthMs) : tumblingTileMs(widthMs);
  const hopMs = request.hop === undefined ? standardMs : parseDuration(request.hop, `${place}, hop`);
  if (hopMs > widthMs) refuse(place, `hop ${quote(request.hop)} is longer than the window ${quote(width)}.`);
  if (isSliding) return [{ suffix: width, window: { kind: "sliding", widthMs, hopMs } }];
  if (widthMs % hopMs !== 0) {
    refuse(place, `hop ${quote(request.hop)} does not divide the tumbling window ${quote(width)}.`);
  }
  return [
    { suffix: `tumbling_${width}`, window: { kind: "tumbling", widthMs, hopMs, which: "closed" } },
    { suffix: `tumbling_${width}_current`, window: { kind: "tumbling", widthMs, hopMs, which: "current" } },
  ];
}
