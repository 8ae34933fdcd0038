import type { PipelineShape } from "../../lib/cost/index.ts";
import type { Definitions, FeatureService } from "../../lib/define/types.ts";
import { itemBounds } from "../../lib/engine/bounds.ts";
import { planView } from "../../lib/engine/plan.ts";

/**
 * What of definitions is paid for. A prediction is taken to be of the first model, and to read its service's views;
 * without one, those of the service that reads most.
 *
 * @param options.items - how full items are: as those of an entity of some events a day, or all as full as can be.
 */
export function shapeOfDefinitions(
  definitions: Definitions,
  { items = "sparse" }: { readonly items?: "sparse" | "bound" } = {},
): PipelineShape {
  const { sources, views, services, models } = definitions;
  const largest = services.reduce<FeatureService | undefined>(
    (most, service) =>
      most === undefined || readsOf(service).length > readsOf(most).length ? service : most,
    undefined,
  );
  const service = models[0]?.service ?? largest;
  return {
    sources: sources.map((source) => {
      const slas = views.filter((view) => view.source.name === source.name).map(({ slaMs }) => slaMs);
      return {
        name: source.name,
        retentionMs: source.retentionMs,
        slaMs: slas.length === 0 ? null : Math.min(...slas),
      };
    }),
    views: views.map(planView).map((plan) => ({
      id: plan.id,
      source: plan.view.source.name,
      entity: plan.view.entity,
      writers: plan.singleWriter ? "single" : "one a shard",
      itemBytes: itemBounds(plan)[items].bytes,
    })),
    readByPrediction: service === undefined ? [] : readsOf(service),
    models: models.length,
  };
}

function readsOf({ views }: FeatureService): readonly string[] {
  return Object.values(views).map(({ view }) => `${view.name}@${view.version}`);
}
