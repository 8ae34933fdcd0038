import type { z } from "zod";
import { deriveNames } from "./derive-names.ts";
import { checkIdentifier } from "./identifier.ts";
import { quote, quoteAll, refuse } from "./refuse.ts";
import { describeField, describeFields, type SchemaField } from "./schema-field.ts";
import type { FeatureService } from "./types.ts";
import { findFeature, vectorProblem } from "./vector-feature.ts";

/**
 * The fields that a request to a service names as keys, by name.
 *
 * @throws FreshetError `DEFINITION_INVALID` when two views read one key as different types.
 */
export function keyFields(service: FeatureService): ReadonlyMap<string, SchemaField> {
  const place = `service ${quote(service.name)}`;
  const keys = new Map<string, { readonly field: SchemaField; readonly from: string }>();
  for (const [alias, { view, keys: names }] of Object.entries(service.views)) {
    for (const [entityField, key] of Object.entries(names)) {
      const field = describeField(view.source.schema.shape[entityField] as z.ZodType);
      const other = keys.get(key);
      if (other !== undefined && !sameTypes(other.field, field)) {
        refuse(
          place,
          `the key ${quote(key)} is ${typesOf(other.field)} for ${quote(other.from)} and ${typesOf(field)} for ${quote(alias)}; rename one with by({...}).`,
        );
      }
      keys.set(key, { field, from: alias });
    }
  }
  return new Map([...keys].map(([key, { field }]) => [key, field]));
}

/** True when two fields hold the same types of value. */
export function sameTypes(left: SchemaField, right: SchemaField): boolean {
  return left.types.size === right.types.size && [...left.types].every((type) => right.types.has(type));
}

function typesOf(field: SchemaField): string {
  return [...field.types].join(" or ");
}

/**
 * Checks what a service says about its views, request and vector.
 *
 * @throws FreshetError `DEFINITION_INVALID`
 */
export function checkService(place: string, service: FeatureService): void {
  keyFields(service);
  const requestFields =
    service.request === null ? new Map<string, SchemaField>() : describeFields(service.request);
  for (const name of requestFields.keys()) checkIdentifier(`${place}, request`, name);
  const derived = deriveNames(place, service);
  if (!Array.isArray(service.vector)) {
    refuse(place, `vector is ${quote(service.vector)}; write a list of names, in the model's order.`);
  }
  if (service.vector.length === 0) refuse(place, "vector lists nothing.");
  for (const [index, name] of service.vector.entries()) {
    checkVectorName(`${place}, vector entry ${quote(name)}`, name, service, requestFields, derived);
    if (service.vector.indexOf(name) !== index) refuse(place, `vector lists ${quote(name)} twice.`);
  }
  for (const [name, value] of Object.entries(service.whenNull)) {
    if (!service.vector.includes(name)) {
      refuse(place, `whenNull names ${quote(name)}; the vector has ${quoteAll(service.vector)}.`);
    }
    if (!Number.isFinite(value))
      refuse(place, `whenNull of ${quote(name)} is ${quote(value)}; write a finite number.`);
  }
}

function checkVectorName(
  place: string,
  name: unknown,
  service: FeatureService,
  requestFields: ReadonlyMap<string, SchemaField>,
  derived: ReadonlySet<string> | null,
): void {
  if (typeof name !== "string") refuse(place, "is not text.");
  const dot = name.indexOf(".");
  if (dot < 0) {
    if (service.derive === null) {
      refuse(place, "has no alias, and the service has no derive; write alias.feature or request.field.");
    }
    if (derived !== null && !derived.has(name)) {
      refuse(place, `is not among what derive returns, ${quoteAll([...derived])}.`);
    }
    return;
  }
  const alias = name.slice(0, dot);
  const rest = name.slice(dot + 1);
  if (alias === "request") {
    const field = requestFields.get(rest);
    if (field === undefined) refuse(place, `the request has ${quoteAll([...requestFields.keys()])}.`);
    if (field.types.has("string") || field.types.has("other")) {
      refuse(place, `holds ${typesOf(field)}; a vector takes numbers and booleans.`);
    }
    return;
  }
  const view = service.views[alias]?.view;
  if (view === undefined) {
    refuse(
      place,
      `there is no view ${quote(alias)}; the service has ${quoteAll(Object.keys(service.views))}.`,
    );
  }
  const found = findFeature(view, rest);
  if (found === undefined) {
    refuse(place, `view "${view.name}" has ${quoteAll(view.features.map((each) => each.name))}.`);
  }
  const problem = vectorProblem(`${alias}.${found.feature.name}`, found, describeFields(view.source.schema));
  if (problem !== null) refuse(place, problem);
}
