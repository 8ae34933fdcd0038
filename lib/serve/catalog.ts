import { FreshetError } from "../define/error.ts";
import type { Definitions, FeatureService, Model, View } from "../define/types.ts";
import { planView, type ViewPlan } from "../engine/plan.ts";
import { planVector, type VectorPlan } from "../engine/vector.ts";
import type { ScoringModel } from "./models/scoring-model.ts";

/** A view as requests name it, and the request's key names in the order of its entity. */
export interface ServedView {
  readonly alias: string;
  readonly plan: ViewPlan;
  readonly keyNames: readonly string[];
}

/** A feature service made ready to serve. */
export interface ServedService {
  readonly service: FeatureService;
  readonly views: readonly ServedView[];
  readonly vector: VectorPlan;
}

/** A model made ready to serve. */
export interface ServedModel {
  readonly model: Model;
  readonly service: ServedService;
  readonly scoring: ScoringModel;
}

/** Everything that requests can name. */
export interface Catalog {
  readonly models: ReadonlyMap<string, ServedModel>;
  readonly services: ReadonlyMap<string, ServedService>;
  /** By `name@version`. */
  readonly views: ReadonlyMap<string, ServedView>;
}

/**
 * Makes definitions ready to serve.
 *
 * @throws FreshetError `DEFINITION_INVALID` for a vector that names what is not there, and for a fallback that does
 *   not exist, runs in a circle, or needs keys or context that its model's requests do not carry;
 *   `MODEL_NOT_FOUND` for a model that was not loaded.
 */
export function createCatalog(definitions: Definitions, loaded: ReadonlyMap<string, ScoringModel>): Catalog {
  const views = new Map(
    definitions.views.map((view) => {
      const plan = planView(view);
      return [plan.id, { alias: view.name, plan, keyNames: view.entity }];
    }),
  );
  const planOf = (view: View) => views.get(`${view.name}@${view.version}`)?.plan ?? planView(view);
  const serve = (service: FeatureService): ServedService => ({
    service,
    vector: planVector(service),
    views: Object.entries(service.views).map(([alias, { view, keys }]) => ({
      alias,
      plan: planOf(view),
      keyNames: view.entity.map((field) => keys[field] ?? field),
    })),
  });
  const services = new Map(definitions.services.map((service) => [service.name, serve(service)]));
  const models = new Map(
    definitions.models.map((model) => {
      const scoring = loaded.get(model.name);
      if (scoring === undefined) {
        throw new FreshetError(
          "MODEL_NOT_FOUND",
          `model ${model.name}@${model.version} is defined but was not loaded; loaded are ${[...loaded.keys()].join(", ") || "none"}.`,
        );
      }
      const service = services.get(model.service.name) ?? serve(model.service);
      return [model.name, { model, service, scoring }];
    }),
  );
  for (const served of models.values()) checkFallback(served, models);
  return { models, services, views };
}

function checkFallback(served: ServedModel, models: ReadonlyMap<string, ServedModel>): void {
  const { model } = served;
  if (model.fallback === null) return;
  const refuse = (reason: string) =>
    new FreshetError(
      "DEFINITION_INVALID",
      `model ${model.name}@${model.version}: its fallback ${JSON.stringify(model.fallback)} ${reason}`,
    );
  if (!models.has(model.fallback)) {
    throw refuse(`is not a model; the models are ${[...models.keys()].join(", ")}.`);
  }
  const chain = fallbackChain(served, models);
  const last = chain.at(-1)!;
  if (last.model.fallback !== null) {
    throw refuse(
      `runs in a circle: ${[...chain, models.get(last.model.fallback)!].map((m) => m.model.name).join(" -> ")}.`,
    );
  }
  for (const fallback of chain.slice(1)) {
    const missing = [
      ...missingFrom(keyNames(served.service), keyNames(fallback.service)).map((name) => `the key ${name}`),
      ...missingFrom(contextFields(served.service), contextFields(fallback.service)).map(
        (name) => `the context field ${name}`,
      ),
    ];
    if (missing.length > 0) {
      throw refuse(`needs ${missing.join(", ")}, which requests to ${model.name} do not carry.`);
    }
  }
}

/** The names of the keys that a service's views need, each once. */
export function keyNames(service: ServedService): readonly string[] {
  return [...new Set(service.views.flatMap((view) => view.keyNames))];
}

/** The names of the fields of a service's request context. */
export function contextFields({ service }: ServedService): readonly string[] {
  return Object.keys(service.request?.shape ?? {});
}

function missingFrom(have: readonly string[], needed: readonly string[]): readonly string[] {
  return needed.filter((name) => !have.includes(name));
}

/** A model and its fallbacks in turn, up to the first that is missing or repeats. */
function fallbackChain(asked: ServedModel, models: ReadonlyMap<string, ServedModel>): readonly ServedModel[] {
  const chain = [asked];
  for (let next = asked.model.fallback; next !== null; next = chain.at(-1)!.model.fallback) {
    const served = models.get(next);
    if (served === undefined || chain.includes(served)) break;
    chain.push(served);
  }
  return chain;
}
