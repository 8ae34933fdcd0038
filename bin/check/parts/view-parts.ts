import { isRecord, unknownOptions } from "../../../lib/define/check-options.ts";
import { featureBuilder } from "../../../lib/define/features/feature-builder.ts";
import { AGGREGATION_SETTINGS } from "../../../lib/define/features/parameters.ts";
import type { AnyWindowed } from "../../../lib/define/features/windowed-feature.ts";
import type { Source, View } from "../../../lib/define/types.ts";
import { view } from "../../../lib/define/view.ts";
import { refusalOf } from "../problem.ts";
import { type Findings, findRefusals, type Options, objectOf, without } from "./find-refusals.ts";

/** What is wrong with a view, and which of its features, by the names that its callback gives them. */
export interface ViewFindings extends Findings<View> {
  readonly wrongFeatures: ReadonlySet<string>;
  /** True where the callback gives no features to look at. */
  readonly hasNoFeatures: boolean;
}

type Features = Readonly<Record<string, AnyWindowed>>;

const SETTINGS = ["version", "sla", "where", "allowedLateness", "dedup"] as const;
const REQUIRED: readonly string[] = ["version", "sla"];
const SOUND_NAME = "sound";

// A window of long tiles: no lateness makes too many of them.
const soundFeature = () => featureBuilder<{ readonly any: number }>().count().over("30d");

/**
 * Everything that is wrong with what `view()` is given, over a source that is sound or stands in for one that is not.
 *
 * @param refusedKey - the source's partition key as it was given, where it is refused.
 */
export function viewFindings(
  name: string,
  given: Options,
  { source, refusedKey }: { readonly source: Source | undefined; readonly refusedKey: string | undefined },
): ViewFindings {
  const make = (options: Options) => {
    if (source === undefined || refusedKey === undefined) return viewOf(name, options);
    const partitionKey = anyFieldOf(options.entity) ?? refusedKey;
    const made = viewOf(name, { ...options, source: { ...source, partitionKey } });
    // Services and models come to the one source by it.
    return Object.assign(made, { source });
  };
  if (source?.kind !== "source") {
    const findings = findRefusals({
      make,
      given,
      parts: () => ({}),
      repair: () => null,
    });
    return { ...findings, wrongFeatures: new Set(), hasNoFeatures: false };
  }
  const base: Options = { version: 1, source, sla: "1m", features: () => ({ [SOUND_NAME]: soundFeature() }) };
  const entityIsSound = refusalOf(() => make({ ...base, entity: given.entity })) === null;
  // A lifetime needs the partition key: without a sound entity it is given that.
  const sound: Options = { ...base, entity: entityIsSound ? given.entity : source.partitionKey };
  const alone = (feature: string, each: unknown): Options => ({
    ...sound,
    features: () => ({ [feature]: each }),
  });
  const features = featuresOf(given);
  const partsOfFeature = new Map<string, string>();
  const wrongFeatures = new Set<string>();

  function parts(): Readonly<Record<string, Options>> {
    const found: Record<string, Options> = {};
    if (!entityIsSound) found.entity = { ...base, entity: given.entity };
    for (const option of SETTINGS) {
      if (given[option] !== undefined || REQUIRED.includes(option))
        found[option] = { ...sound, [option]: given[option] };
    }
    if (features === null) found.features = { ...sound, features: given.features };
    for (const [feature, each] of Object.entries(features ?? {})) {
      if (refusalOf(() => make(alone(feature, each))) === null) continue;
      const takes = (variant: unknown) => refusalOf(() => make(alone(SOUND_NAME, variant))) === null;
      for (const variant of variants(each, takes)) {
        const part = `feature ${partsOfFeature.size}`;
        partsOfFeature.set(part, feature);
        found[part] = alone(feature, variant);
      }
    }
    return found;
  }

  function repair(wrong: ReadonlySet<string>): Options | null {
    for (const [part, feature] of partsOfFeature) if (wrong.has(part)) wrongFeatures.add(feature);
    const rest = Object.entries(features ?? {}).filter(([feature]) => !wrongFeatures.has(feature));
    const kept = rest.length === 0 ? { [SOUND_NAME]: soundFeature() } : Object.fromEntries(rest);
    const replaced = ["entity", ...SETTINGS].filter((option) => wrong.has(option));
    return {
      ...given,
      source,
      features: () => kept,
      ...Object.fromEntries(replaced.map((option) => [option, sound[option]])),
    };
  }

  const findings = findRefusals({ make, given: { ...given, source }, parts, repair });
  return { ...findings, wrongFeatures, hasNoFeatures: features === null };
}

function viewOf(name: string, options: Options): View {
  return view(name, options as never) as unknown as View;
}

/** A field of the entity, which may be the partition key where that is not known. */
function anyFieldOf(entity: unknown): string | undefined {
  return (Array.isArray(entity) ? entity : [entity]).find((field) => typeof field === "string");
}

/** What the features callback returns; null when it throws, waits or returns no object. */
function featuresOf({ features }: Options): Features | null {
  let returned: unknown = null;
  refusalOf(() => {
    returned = (features as (t: unknown) => unknown)(featureBuilder());
  });
  return isRecord(returned) ? (returned as Features) : null;
}

/** A feature with one window at a time, with one thing of its aggregation at a time, and as it is. */
function variants(feature: AnyWindowed, takes: (variant: unknown) => boolean): readonly unknown[] {
  const isFeature = typeof feature === "object" && feature !== null && Array.isArray(feature.windows);
  if (!isFeature || !("request" in feature)) return [feature];
  const sound = soundFeature();
  const { request } = feature;
  const counted = (feature.windows.length === 0 ? [[]] : feature.windows.map((window) => [window])).map(
    (each) => ({ request: sound.request, windows: each }),
  );
  const soundWindows = counted.filter(takes).flatMap(({ windows }) => windows);
  const windows = soundWindows.length === 0 ? sound.windows : soundWindows;
  const { where, by, maxKeys, default: whenEmpty, ...settings } = objectOf(request.options);
  const unknown = unknownOptions(settings, AGGREGATION_SETTINGS[request.aggregation] ?? {});
  const known = without(settings, (name) => unknown.includes(name));
  // A share is of what matches a filter, and has no meaning without.
  const options = request.aggregation === "share" ? [] : [known, { ...known, default: whenEmpty }];
  return [
    ...[
      ...options.map((each) => ({ ...request, options: each })),
      { ...sound.request, options: { where } },
      { ...sound.request, options: { by, ...(by === undefined ? {} : { maxKeys }) } },
      request,
    ].map((each) => ({ request: each, windows })),
    ...counted,
    feature,
  ];
}
