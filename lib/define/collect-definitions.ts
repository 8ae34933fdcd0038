import { isRecord } from "./check-options.ts";
import { keyFields, sameTypes } from "./check-service.ts";
import { quote, quoteAll, refuse } from "./refuse.ts";
import { describeFields, isObjectSchema } from "./schema-field.ts";
import type { Definitions, FeatureService, Model, Source, View } from "./types.ts";

type Definition = Source | View | FeatureService | Model;

/** By structure, since another copy of the kit may have made it; an export that just has a `kind` too is none. */
function isDefinition(value: unknown): value is Definition {
  if (!isRecord(value)) return false;
  switch (value.kind) {
    case "source":
      return isObjectSchema(value.schema);
    case "view":
      return Array.isArray(value.features) && isDefinition(value.source);
    case "service":
      return (
        isRecord(value.views) &&
        Object.values(value.views).every((each) => isRecord(each) && isDefinition(each.view))
      );
    case "model":
      return isDefinition(value.service);
    default:
      return false;
  }
}

/**
 * Gathers a module's exports and what they reference, and checks what holds between definitions: names, versions and
 * fallbacks.
 *
 * @param module - exports by name, as `import * as module` gives them. Other exports are left alone.
 * @throws FreshetError `DEFINITION_INVALID`
 * @example
 * ```ts
 * import * as module from "./fraud.ts";
 * const { views, services } = collectDefinitions(module);
 * ```
 */
export function collectDefinitions(module: Readonly<Record<string, unknown>>): Definitions {
  const found = new Set<Definition>();
  const visit = (definition: Definition): void => {
    if (found.has(definition)) return;
    if (definition.kind === "view") visit(definition.source);
    if (definition.kind === "service") for (const { view } of Object.values(definition.views)) visit(view);
    if (definition.kind === "model") visit(definition.service);
    found.add(definition);
  };
  for (const value of Object.values(module)) if (isDefinition(value)) visit(value);
  const all = [...found];
  const definitions: Definitions = {
    sources: all.filter((each) => each.kind === "source"),
    views: all.filter((each) => each.kind === "view"),
    services: all.filter((each) => each.kind === "service"),
    models: all.filter((each) => each.kind === "model"),
  };
  checkUnique("source", definitions.sources, ({ name }) => name);
  checkUnique("view", definitions.views, ({ name, version }) => `${name}@${version}`);
  checkUnique("service", definitions.services, ({ name, version }) => `${name}@${version}`);
  checkUnique("model", definitions.models, ({ name }) => name);
  checkFallbacks(definitions.models);
  return definitions;
}

function checkUnique<D extends Definition>(
  kind: string,
  definitions: readonly D[],
  nameOf: (definition: D) => string,
): void {
  const seen = new Set<string>();
  for (const definition of definitions) {
    const name = nameOf(definition);
    if (seen.has(name))
      refuse(`${kind} ${quote(name)}`, "is defined twice; give one another name or version.");
    seen.add(name);
  }
}

function checkFallbacks(models: readonly Model[]): void {
  const byName = new Map(models.map((model) => [model.name, model]));
  for (const model of models) {
    if (model.fallback === null) continue;
    const place = `model ${quote(model.name)}`;
    const fallback = byName.get(model.fallback);
    if (fallback === undefined) {
      refuse(
        place,
        `fallback ${quote(model.fallback)} is not a model that is exported; there are ${quoteAll([...byName.keys()])}.`,
      );
    }
    checkSameRequest(place, model, fallback);
    const chain = [model.name];
    for (let next: Model | undefined = fallback; next !== undefined; ) {
      if (chain.includes(next.name))
        refuse(place, `its fallbacks go in a circle: ${[...chain, next.name].join(", ")}.`);
      chain.push(next.name);
      next = next.fallback === null ? undefined : byName.get(next.fallback);
    }
  }
}

/** A fallback is scored from the request that came for the first model, so it can ask for nothing else. */
function checkSameRequest(place: string, model: Model, fallback: Model): void {
  const parts = [
    ["key", keyFields(model.service), keyFields(fallback.service)],
    ["request field", requestFields(model.service), requestFields(fallback.service)],
  ] as const;
  for (const [part, given, needed] of parts) {
    for (const [name, field] of needed) {
      const same = given.get(name);
      if (same !== undefined && sameTypes(same, field) && (field.nullable || !same.nullable)) continue;
      refuse(
        place,
        `its fallback "${fallback.name}" needs the ${part} ${quote(name)}, which service "${model.service.name}" ${same === undefined ? "does not have" : "has as another type"}; it has ${quoteAll([...given.keys()])}.`,
      );
    }
  }
}

function requestFields(service: FeatureService): ReturnType<typeof describeFields> {
  return service.request === null ? new Map() : describeFields(service.request);
}
