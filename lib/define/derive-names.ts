import type { z } from "zod";
import { emptyValueOf } from "./aggregation-traits.ts";
import { FROZEN_ADVICE, freezeDeep, isFrozenWrite } from "./freeze.ts";
import { checkIdentifier } from "./identifier.ts";
import { checkReturnsAtOnce } from "./pure-function.ts";
import { quote, refuse } from "./refuse.ts";
import { describeFields, type SchemaField } from "./schema-field.ts";
import type { FeatureScalar, FeatureService, FeatureValue } from "./types.ts";

/**
 * The names that a service's `derive` returns, learnt by running it once on empty windows and on sample values for the
 * request. Null where that tells nothing: there is no `derive`, or it throws on the sample (it may well refuse values
 * that the request's schema rules out), and then only the type-check knows the names.
 *
 * @throws FreshetError `DEFINITION_INVALID` when `derive` returns no plain object of text, numbers, booleans and nulls,
 *   does not return at once, or changes what it is given.
 */
export function deriveNames(place: string, service: FeatureService): ReadonlySet<string> | null {
  if (service.derive === null) return null;
  checkReturnsAtOnce(place, "derive", service.derive);
  let derived: Readonly<Record<string, FeatureScalar>>;
  try {
    derived = service.derive(
      freezeDeep(sampleFeatures(service)),
      freezeDeep(sampleRequest(service.request)),
      0,
    );
  } catch (error) {
    if (isFrozenWrite(error)) refuse(`${place}, derive`, `threw ${error.message}; ${FROZEN_ADVICE}.`);
    return null;
  }
  if (
    typeof derived !== "object" ||
    derived === null ||
    Array.isArray(derived) ||
    derived instanceof Promise
  ) {
    refuse(`${place}, derive`, `returned ${quote(derived)}; return an object of values by name, at once.`);
  }
  for (const [name, value] of Object.entries(derived)) {
    checkIdentifier(`${place}, derive`, name);
    if (value !== null && !["string", "number", "boolean"].includes(typeof value)) {
      refuse(
        `${place}, derive`,
        `returned ${quote(value)} for ${quote(name)}; return text, a number, a boolean or null.`,
      );
    }
  }
  return new Set(Object.keys(derived));
}

function sampleFeatures(service: FeatureService): Record<string, Record<string, FeatureValue>> {
  return Object.fromEntries(
    Object.entries(service.views).map(([alias, { view }]) => [
      alias,
      Object.fromEntries(view.features.map((feature) => [feature.name, emptyValueOf(feature)])),
    ]),
  );
}

function sampleRequest(schema: z.ZodObject | null): Record<string, unknown> {
  if (schema === null) return {};
  return Object.fromEntries([...describeFields(schema)].map(([name, field]) => [name, sampleValue(field)]));
}

function sampleValue(field: SchemaField): unknown {
  if (field.values !== null && field.values.length > 0) return field.values[0];
  if (field.nullable) return null;
  if (field.isDateTime) return "1970-01-01T00:00:00Z";
  if (field.types.has("number")) return 1;
  if (field.types.has("boolean")) return false;
  return "";
}
