import { FreshetError } from "../define/error.ts";
import type { Source, View } from "../define/types.ts";
import type { Scalar } from "../define/where.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { TestStream } from "./platform.ts";

/** What a test names: sources by their streams, views by their plans. */
export interface TestSubjects {
  /** @throws FreshetError `OPTION_INVALID` for a source that the definitions do not have. */
  streamOf(source: Source): TestStream;
  /** @throws FreshetError `OPTION_INVALID` for a view that the definitions do not have. */
  planOf(view: View): ViewPlan;
}

export function testSubjects(
  streams: ReadonlyMap<string, TestStream>,
  plans: readonly ViewPlan[],
): TestSubjects {
  const plansById = new Map(plans.map((plan) => [plan.id, plan]));
  return {
    streamOf: ({ name }) => found(streams, name, "source"),
    planOf: ({ name, version }) => found(plansById, `${name}@${version}`, "view"),
  };
}

function found<T>(among: ReadonlyMap<string, T>, name: string, kind: string): T {
  const each = among.get(name);
  if (each !== undefined) return each;
  throw new FreshetError(
    "OPTION_INVALID",
    `there is no ${kind} ${name}; the definitions have ${[...among.keys()].join(", ")}.`,
  );
}

/**
 * A key's values in the order of the view's entity.
 *
 * @throws FreshetError `ENTITY_KEY_INVALID` for other fields than the entity has.
 */
export function keyValues(view: View, key: Readonly<Record<string, Scalar>>): readonly Scalar[] {
  const given = Object.keys(key);
  const fits = given.length === view.entity.length && view.entity.every((field) => field in key);
  if (fits) return view.entity.map((field) => key[field]!);
  throw new FreshetError(
    "ENTITY_KEY_INVALID",
    `view ${view.name} is read by ${view.entity.join(", ") || "no key"}; the key given has ${given.join(", ") || "no field"}.`,
  );
}
