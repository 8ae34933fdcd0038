import { AGGREGATION_TRAITS } from "./aggregation-traits.ts";
import type { SchemaField } from "./schema-field.ts";
import type { Feature, FeatureValue, ValuesByKey, View } from "./types.ts";
import { keyProblem } from "./vector-key.ts";

/** A feature, and where in its value a vector's number stands: `largest_24h.0` is the first item of a list. */
export interface FeaturePath {
  readonly feature: Feature;
  /** Empty for the value itself; a key; or the place in a list, and for counted values `count` or `value`. */
  readonly path: readonly string[];
  /** What a key stands for that has no events. */
  readonly absent: 0 | null;
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
  const { aggregation } = found;
  const { empty } = AGGREGATION_TRAITS[aggregation.name];
  if (rest === "") return { feature: found, path: [], absent: null };
  // A key may hold dots.
  if (aggregation.by !== undefined) return { feature: found, path: [rest], absent: empty };
  return { feature: found, path: rest.split("."), absent: null };
}

/**
 * What stands at a path of a value: null where the list is shorter, or null itself. A key without events is what an
 * empty window is, unless there was no room for every key: then it cannot be told, and is null.
 */
export function valueAt(
  value: FeatureValue | undefined,
  { path, absent }: Pick<FeaturePath, "path" | "absent">,
): unknown {
  if (isByKey(value) && path.length === 1) {
    const { values, overflowed } = value;
    return Object.hasOwn(values, path[0]!) ? values[path[0]!] : overflowed > 0 ? null : absent;
  }
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return null;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return at;
}

function isByKey(value: FeatureValue | undefined): value is ValuesByKey {
  return typeof value === "object" && value !== null && "overflowed" in value;
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
  const { by } = feature.aggregation;
  if (by !== undefined) {
    const [key] = path;
    if (key !== undefined) {
      return text
        ? "is text; a vector takes numbers and booleans."
        : keyProblem(key, by.field, fields.get(by.field)!);
    }
    return `is a value for each ${by.field}; a vector takes single numbers, so name a key, such as ${quoted(`${name}.some-${by.field}`)}.`;
  }
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
