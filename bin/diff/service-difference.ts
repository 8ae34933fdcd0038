import { functionSource } from "../../lib/define/function-source.ts";
import type { FeatureService, Model } from "../../lib/define/types.ts";
import { functionShape } from "../../lib/lock/function-shape.ts";
import { schemaStructure } from "../../lib/lock/schema-structure.ts";
import { describeService } from "../describe/description.ts";
import {
  type Difference,
  idOf,
  pairUp,
  predecessorOf,
  type SettingChange,
  settingChanges,
} from "./difference.ts";
import { removal } from "./removal.ts";

/** What became of a service's vector: names that came, went, or stand elsewhere (places from 0). */
export interface VectorChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly moved: readonly { readonly name: string; readonly from: number; readonly to: number }[];
}

export interface ServiceDifference extends Difference {
  /** `name@version`; null for one that was removed. */
  readonly id: string | null;
  /** What it is compared with; null for one that was added. */
  readonly from: string | null;
  readonly vector: VectorChange;
  /** The models that read it now. */
  readonly models: readonly string[];
}

const NO_CHANGE: VectorChange = { added: [], removed: [], moved: [] };

/** What a change of definitions means for each service, and for the models that read its vector. */
export function serviceDifferences(
  from: readonly FeatureService[],
  to: readonly FeatureService[],
  models: readonly Model[],
): readonly ServiceDifference[] {
  return pairUp(from, to, idOf).map(({ from: same, to: now }) => {
    if (now === undefined) return removedService(same!, to);
    const before = same ?? predecessorOf(now, from, to);
    const readers = models.filter(({ service }) => idOf(service) === idOf(now));
    return serviceDifference(before, now, same !== undefined, readers.map(idOf));
  });
}

function removedService(from: FeatureService, to: readonly FeatureService[]): ServiceDifference {
  const ids = { name: from.name, id: null, from: idOf(from), models: [] };
  return { ...ids, verdict: "removed", settings: [], ...removal("service", from, to), vector: NO_CHANGE };
}

function serviceDifference(
  from: FeatureService | undefined,
  to: FeatureService,
  isSameVersion: boolean,
  models: readonly string[],
): ServiceDifference {
  const ids = {
    name: to.name,
    id: idOf(to),
    from: from === undefined ? null : idOf(from),
    models,
  };
  const none = { ...ids, settings: [], care: [], notes: [], vector: NO_CHANGE };
  if (from === undefined) return { ...none, verdict: "added" };

  const vector = vectorChange(from.vector, to.vector);
  const settings: SettingChange[] = [
    ...settingChanges(describeService(from), describeService(to), [
      "views",
      "whenNull",
      "owner",
      "description",
    ]),
    ...deriveChange(from, to),
    ...textChange("request", requestOf(from), requestOf(to)),
  ];
  const changed = new Set(settings.map(({ name }) => name));
  const isOtherVector = vector.added.length + vector.removed.length + vector.moved.length > 0;
  // What a model is fed under the service's version: the order, and what the values are.
  const fed = [
    isOtherVector ? "vector" : null,
    ...["derive", "whenNull"].map((part) => (changed.has(part) ? part : null)),
  ].filter((part) => part !== null);
  const care: string[] = [];
  const notes: string[] = [];
  if (isSameVersion && fed.length > 0) {
    care.push(
      `Its ${fed.join(" and ")} changed, and predictions and training rows name it ${idOf(to)} as before: raise its version to ${to.version + 1}.`,
    );
  }
  if (isOtherVector && models.length > 0) {
    care.push(
      `${models.join(", ")} must be trained on the new vector: the values would enter at other places, or not at all.`,
    );
  }
  if (changed.has("views")) {
    notes.push(
      "It reads other views or versions: a version that is new is warming at first, and the model is fed what it has.",
    );
  }
  for (const key of keysOf(to)) {
    if (!keysOf(from).has(key))
      care.push(`Callers must name the key ${key}: requests without it are refused.`);
  }
  if (changed.has("request"))
    notes.push("Its request has changed: callers that send what it no longer takes are refused.");
  const verdict = !isSameVersion
    ? "new version"
    : fed.length > 0
      ? "new version needed"
      : settings.length > 0
        ? "changed"
        : "same";
  return { ...ids, verdict, settings, care, notes, vector };
}

function vectorChange(from: readonly string[], to: readonly string[]): VectorChange {
  return {
    added: to.filter((name) => !from.includes(name)),
    removed: from.filter((name) => !to.includes(name)),
    moved: to.flatMap((name, index) => {
      const before = from.indexOf(name);
      return before < 0 || before === index ? [] : [{ name, from: before, to: index }];
    }),
  };
}

function textChange(name: string, from: string | null, to: string | null): readonly SettingChange[] {
  return from === to ? [] : [{ name, from, to }];
}

/** One that a bundler renamed a variable of, since another definition has its name, is the same. */
function deriveChange(
  { derive: from }: FeatureService,
  { derive: to }: FeatureService,
): readonly SettingChange[] {
  const shapes = [from, to].map((each) => each !== null && JSON.stringify(functionShape(each)));
  if (shapes[0] === shapes[1]) return [];
  const textOf = (derive: typeof from) => (derive === null ? null : functionSource(derive));
  return textChange("derive", textOf(from), textOf(to));
}

function requestOf({ request }: FeatureService): string | null {
  return request === null ? null : JSON.stringify(schemaStructure(request));
}

function keysOf({ views }: FeatureService): ReadonlySet<string> {
  return new Set(Object.values(views).flatMap(({ keys }) => Object.values(keys)));
}
