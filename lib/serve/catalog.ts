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
  /** By `name@version`. */
  readonly services: ReadonlyMap<string, ServedService>;
  /** By `name@version`. */
  readonly views: ReadonlyMap<string, ServedView>;
}

/**
 * Makes definitions ready to serve.
 *
 * @throws FreshetError `DEFINITION_INVALID` for a vector that names what is not there; `MODEL_NOT_FOUND` for a model
 *   that was not loaded.
 */
export function createCatalog(definitions: Definitions, loaded: ReadonlyMap<string, ScoringModel>): Catalog {
  const views = new Map(
    definitions.views.map((view) => {
      const plan = planView(view);
      return [plan.id, { alias: view.name, plan, keyNames: view.entity }];
    }),
  );
  const planOf = (view: View) => views.get(idOf(view))?.plan ?? planView(view);
  const serve = (service: FeatureService): ServedService => ({
    service,
    vector: planVector(service),
    views: Object.entries(service.views).map(([alias, { view, keys }]) => ({
      alias,
      plan: planOf(view),
      keyNames: view.entity.map((field) => keys[field] ?? field),
    })),
  });
  const services = new Map(definitions.services.map((service) => [idOf(service), serve(service)]));
  const models = new Map(
    definitions.models.map((model) => {
      const scoring = loaded.get(model.name);
      if (scoring === undefined) {
        throw new FreshetError(
          "MODEL_NOT_FOUND",
          `model ${model.name}@${model.version} is defined but was not loaded; loaded are ${[...loaded.keys()].join(", ") || "none"}.`,
        );
      }
      const service = services.get(idOf(model.service)) ?? serve(model.service);
      return [model.name, { model, service, scoring }];
    }),
  );
  return { models, services, views };
}

/** The names of the keys that a service's views need, each once. */
export function keyNames(service: ServedService): readonly string[] {
  return [...new Set(service.views.flatMap((view) => view.keyNames))];
}

/** The names of the fields of a service's request context. */
export function contextFields({ service }: ServedService): readonly string[] {
  return Object.keys(service.request?.shape ?? {});
}

function idOf({ name, version }: { readonly name: string; readonly version: number }): string {
  return `${name}@${version}`;
}
