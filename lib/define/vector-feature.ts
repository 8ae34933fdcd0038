import { AGGREGATION_TRAITS } from "./aggregation-traits.ts";
import type { SchemaField } from "./schema-field.ts";
import type { Feature, FeatureValue, View } from "./types.ts";

/** A feature, and where in its value a vector's number stands: `largest_24h.0` is the first item of a list. */
export interface FeaturePath {
  readonly feature: Feature;
  /** Empty for the value itself; else the place in the list, and for counted values `count` or `value`. */
  readonly path: readonly string[];
}

/** The feature that a vector's name begins with; undefined where the view has none. */
export function findFeature(view: View, name: string): FeaturePath | undefined {
  let found: Feature | undefined;
  for (const feature of view.features) {
    const begins = name === feature.name || name.startsWith(`${feature.name}.`);
    if (begins && feature.name.length >= (found?.name.length ?? 0)) found = feature;
  }
  if (found === undefined) return undefined;
  const rest = name.slice(found.name.length + 1);
  return { feature: found, path: rest === "" ? [] : rest.split(".") };
}

/** What stands at a path of a value; null where the list is shorter, or null itself. */
export function valueAt(value: FeatureValue | undefined, path: readonly string[]): unknown {
  let at: unknown = value;
  for (const step of path) {
    if (at === null || at === undefined) return null;
    at = (at as Readonly<Record<string, unknown>>)[step] ?? null;
  }
  return at;
}

/** Why a vector cannot take what stands at the path; null where it can. `name` is as the vector writes the feature. */
export function vectorProblem(
  name: string,
  { feature, path }: FeaturePath,
  fields: ReadonlyMap<string, SchemaField>,
): string | null {
  const { answers } = AGGREGATION_TRAITS[feature.aggregation.name];
  const isSingle = answers === "number" || answers === "value";
  const isCounted = answers === "value counts";
  const text = isText(feature, fields);
  if (isSingle && path.length > 0) return `${quoted(name)} is a single value, with nothing in it to name.`;
  if (isSingle) return text ? "is text; a vector takes numbers and booleans." : null;

  const length = listLength(feature);
  const [place, part, ...more] = path;
  const example = isCounted ? `${name}.0.count` : `${name}.0`;
  if (place === undefined) {
    return `is a list of up to ${length}; a vector takes single numbers, so name one, such as ${quoted(example)}.`;
  }
  if (!/^(?:0|[1-9]\d*)$/.test(place) || Number(place) >= length) {
    return `has no item ${quoted(place)}; ${quoted(name)} has the items 0 to ${length - 1}.`;
  }
  if (!isCounted) {
    if (part !== undefined)
      return `an item of ${quoted(name)} is a single value, with nothing in it to name.`;
    return text ? "is text; a vector takes numbers and booleans." : null;
  }
  if ((part !== "count" && part !== "value") || more.length > 0) {
    return `an item of ${quoted(name)} has a count and a value; write ${quoted(`${name}.${place}.count`)} or ${quoted(`${name}.${place}.value`)}.`;
  }
  return text && part === "value" ? "is text; a vector takes numbers and booleans." : null;
}

/** The most items that a list can have. */
function listLength({ aggregation: { parameters } }: Feature): number {
  return parameters.edges === undefined ? (parameters.k ?? 0) : parameters.edges.length + 1;
}

/** Whether a feature answers text; of a function's values only the type-check knows. */
function isText({ aggregation }: Feature, fields: ReadonlyMap<string, SchemaField>): boolean {
  const { answers } = AGGREGATION_TRAITS[aggregation.name];
  if (answers === "number" || answers === "numbers" || aggregation.value?.kind !== "field") return false;
  return fields.get(aggregation.value.field)?.types.has("string") === true;
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
