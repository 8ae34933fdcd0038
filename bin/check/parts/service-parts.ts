import { isRecord } from "../../../lib/define/check-options.ts";
import { service } from "../../../lib/define/service.ts";
import type { FeatureService, View } from "../../../lib/define/types.ts";
import { refusalOf } from "../problem.ts";
import { type Findings, findRefusals, type Options, objectOf, without } from "./find-refusals.ts";

/**
 * Everything that is wrong with what `service()` is given.
 *
 * @param isUnknown - true for a vector entry of a view or feature that is itself refused: whether the entry is right
 *   cannot be told before that is mended.
 */
export function serviceFindings(
  name: string,
  given: Options,
  isUnknown: (entry: unknown) => boolean,
): Findings<FeatureService> {
  const make = (options: Options) => service(name, options as never) as unknown as FeatureService;
  const takes = (options: Options) => refusalOf(() => make({ version: 1, ...options })) === null;
  const { request } = given;
  const givenVector: readonly unknown[] = Array.isArray(given.vector) ? given.vector : [];
  const wrongViews = wrongViewsOf(given, takes);
  const isOut = (entry: unknown) =>
    isUnknown(entry) || Object.keys(wrongViews).some((alias) => String(entry).startsWith(`${alias}.`));
  const views = without(objectOf(given.views), (alias) => alias in wrongViews);
  const vector = givenVector.filter((entry) => !isOut(entry));
  const whenNull = without(objectOf(given.whenNull), isOut);
  const hasOthers = vector.length > 0 || givenVector.length === 0;
  if (!hasOthers && Object.keys(wrongViews).length === 0) return { refusals: [], standIn: null };

  const context: Options = { version: 1, views, request, derive: given.derive };
  // Something that the vector can hold, so that an empty or wrong one hides nothing else.
  const soundEntry = [...vector, ...entriesOf(views, request)].find((entry) =>
    takes({ ...context, vector: [entry] }),
  );
  const base: Options = { ...context, vector: [soundEntry] };

  function parts(): Readonly<Record<string, Options>> {
    const found: Record<string, Options> = {};
    for (const [alias, options] of Object.entries(wrongViews))
      found[`view ${alias}`] = { version: 1, ...options };
    if (soundEntry === undefined) return found;
    found.version = { ...base, version: given.version };
    for (const [index, entry] of vector.entries()) found[`vector ${index}`] = { ...base, vector: [entry] };
    // A default is checked beside all entries that are right: its message lists them.
    const right = vector.filter((entry) => takes({ ...context, vector: [entry] }));
    for (const [entry, value] of Object.entries(whenNull)) {
      if (vector.includes(entry) && !right.includes(entry)) continue;
      found[`whenNull ${entry}`] = { ...base, vector: right, whenNull: { [entry]: value } };
    }
    return found;
  }

  function repair(wrong: ReadonlySet<string>): Options | null {
    if (soundEntry === undefined) return null;
    const kept = vector.filter((_, index) => !wrong.has(`vector ${index}`));
    return {
      ...given,
      views,
      vector: kept.length > 0 || isEmptyList(given.vector) ? kept : [soundEntry],
      whenNull: without(whenNull, (entry) => wrong.has(`whenNull ${entry}`) || !kept.includes(entry)),
      ...(wrong.has("version") ? { version: 1 } : {}),
    };
  }

  const known = {
    ...given,
    vector: !Array.isArray(given.vector) ? given.vector : hasOthers ? vector : [soundEntry],
    whenNull: given.whenNull === undefined || isRecord(given.whenNull) ? whenNull : given.whenNull,
  };
  return findRefusals({ make, given: known, parts, repair });
}

/** The views that are refused under their alias whatever the vector, each with the options that are. */
function wrongViewsOf({ views }: Options, takes: (options: Options) => boolean): Record<string, Options> {
  const wrong: Record<string, Options> = {};
  for (const [alias, reference] of Object.entries(objectOf(views))) {
    const options = { views: { [alias]: reference }, derive: () => ({ sound: 1 }), vector: ["sound"] };
    if (!takes(options)) wrong[alias] = options;
  }
  return wrong;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Every entry that the views and the request could give a vector. */
function entriesOf(views: Options, request: unknown): readonly string[] {
  const features = Object.entries(views).flatMap(([alias, reference]) => {
    const { view, features } = objectOf(reference) as { view?: View; features?: View["features"] };
    return (view?.features ?? features ?? []).map((feature) => `${alias}.${feature.name}`);
  });
  const shape = (request as { shape?: object } | undefined)?.shape ?? {};
  return [...features, ...Object.keys(shape).map((field) => `request.${field}`)];
}
