import { planView, type ViewPlan } from "../../../lib/engine/plan.ts";
import type { FeatureReader } from "../../../lib/online/reader.ts";
import type { Difference } from "../../command/difference.ts";
import * as module from "../definitions.ts";
import { compareEntity, type ReadEntity } from "./compare.ts";
import type { ChosenEntity } from "./moments.ts";
import type { RecountedMoment } from "./recount-vector.ts";
import { RECOUNTED_VIEW_NAMES, type RecountedView, recountedFeatures } from "./recount-views.ts";

const plans = new Map<string, ViewPlan>(
  Object.values(module)
    .filter((definition) => typeof definition === "object" && definition.kind === "view")
    .map((view) => [view.name, planView(view)]),
);

/** The plan of one of the example's views. */
export function planOf(view: RecountedView): ViewPlan {
  return plans.get(view)!;
}

/** Entities read a round trip, so that no answer grows without bound. */
const READ_AT_ONCE = 80;

/** Reads entities through the online reader, at the clock's time. */
export async function readEntities(
  reader: FeatureReader,
  entities: readonly ChosenEntity[],
): Promise<readonly ReadEntity[]> {
  const read: ReadEntity[] = [];
  for (let from = 0; from < entities.length; from += READ_AT_ONCE) {
    const some = entities.slice(from, from + READ_AT_ONCE);
    const readings = await reader.read(some.map(({ view, key }) => ({ plan: planOf(view), key })));
    for (const [index, { view, key }] of some.entries()) {
      const { asOfMs, known, values } = readings[index]!;
      read.push({ view, key: key.join("|"), asOfMs, known, features: values });
    }
  }
  return read;
}

/** Holds entities to the recount of the time that they should have been read at. */
export function verifyEntities(
  read: readonly ReadEntity[],
  moment: RecountedMoment,
  asOfMs: number,
): readonly Difference[] {
  return read.flatMap((entity) => {
    const { features, empty } = moment[entity.view];
    const differences = compareEntity(entity, features.get(entity.key), empty);
    if (entity.asOfMs === asOfMs) return differences;
    const late = {
      check: "read",
      asOfMs,
      subject: `${entity.view} ${entity.key}`,
      feature: "asOfMs",
      expected: asOfMs,
      actual: entity.asOfMs,
    };
    return [...differences, late];
  });
}

/** Every entity of every view that had an event. */
export function allEntities(moment: RecountedMoment): readonly ChosenEntity[] {
  return RECOUNTED_VIEW_NAMES.flatMap((view) =>
    [...moment[view].features.keys()].map((key) => ({ view, key: key === "" ? [] : key.split("|") })),
  );
}

/** How many values comparing these entities looks at. */
export function countValues(read: readonly ReadEntity[]): number {
  return read.reduce((sum, { view }) => sum + recountedFeatures(view).length, 0);
}
