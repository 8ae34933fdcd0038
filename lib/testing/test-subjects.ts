import type { z } from "zod";
import { isRecord } from "../define/check-options.ts";
import { FreshetError } from "../define/error.ts";
import { quote } from "../define/refuse.ts";
import { describeField } from "../define/schema-field.ts";
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
    streamOf(source) {
      requireDefinition(source, "source");
      return found(streams, source.name, "source");
    },
    planOf(view) {
      requireDefinition(view, "view");
      return found(plansById, `${view.name}@${view.version}`, "view");
    },
  };
}

/** A local runtime takes sources by name, so that a name is soon given here too. */
function requireDefinition(given: unknown, kind: "source" | "view"): void {
  if (isRecord(given) && given.kind === kind) return;
  throw new FreshetError(
    "OPTION_INVALID",
    `${quote(given)} is no ${kind}; give the ${kind} itself, as the definitions export it.`,
  );
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
 * @throws FreshetError `ENTITY_KEY_INVALID` for other fields than the entity has, and values that no event has.
 */
export function keyValues(view: View, key: Readonly<Record<string, Scalar>>): readonly Scalar[] {
  const given = Object.keys(key);
  const fits = given.length === view.entity.length && view.entity.every((field) => field in key);
  if (fits) return view.entity.map((field) => keyValue(view, field, key[field]!));
  throw new FreshetError(
    "ENTITY_KEY_INVALID",
    `view ${view.name} is read by ${view.entity.join(", ") || "no key"}; the key given has ${given.join(", ") || "no field"}.`,
  );
}

/** A value as parsed events have it, which is what a test gives: the API parses what its callers write. */
function keyValue(view: View, field: string, value: Scalar): Scalar {
  const { leaves } = describeField(view.source.schema.shape[field] as z.ZodType);
  const problems: string[] = [];
  for (const leaf of leaves ?? []) {
    const { error } = leaf.safeParse(value);
    if (error === undefined) return value;
    problems.push(error.issues.map(({ message }) => message).join("; "));
  }
  if (problems.length === 0) return value;
  throw new FreshetError(
    "ENTITY_KEY_INVALID",
    `view ${view.name}: key ${field} is ${quote(value)}: ${problems.join(", or ")}`,
  );
}
