import type { FeatureValue } from "../../../lib/define/types.ts";
import type { Difference } from "../../command/difference.ts";
import { agrees } from "./agreement.ts";
import type { RecountedFeatures } from "./recount.ts";
import { type RecountedView, recountedFeatures } from "./recount-views.ts";

/** An entity's features, as read online. */
export interface ReadEntity {
  readonly view: RecountedView;
  readonly key: string;
  readonly asOfMs: number;
  readonly known: boolean;
  readonly features: Readonly<Record<string, FeatureValue>>;
}

/**
 * Compares an entity read online with its recount, feature by feature, both ways: a feature too many is a difference
 * too, and so is an entity called unknown that had events (`expected` undefined: it had none).
 */
export function compareEntity(
  read: ReadEntity,
  expected: RecountedFeatures | undefined,
  empty: RecountedFeatures,
): readonly Difference[] {
  const { view, key, asOfMs } = read;
  const differences: Difference[] = [];
  const differ = (feature: string, wanted: FeatureValue | undefined, got: FeatureValue | undefined): void => {
    differences.push({
      check: "read",
      asOfMs,
      subject: `${view} ${key}`.trim(),
      feature,
      expected: wanted,
      actual: got,
    });
  };
  const features = recountedFeatures(view);
  for (const { name, agreement } of features) {
    const wanted = (expected ?? empty)[name] ?? null;
    const got = read.features[name];
    if (got === undefined || !agrees(agreement, wanted, got)) differ(name, wanted, got);
  }
  const names = new Set(features.map((feature) => feature.name));
  for (const [name, got] of Object.entries(read.features)) if (!names.has(name)) differ(name, undefined, got);
  const hasEvents = expected !== undefined && !sameFeatures(expected, empty);
  if (hasEvents && !read.known) differ("known", true, false);
  if (expected === undefined && read.known) differ("known", false, true);
  return differences;
}

function sameFeatures(left: RecountedFeatures, right: RecountedFeatures): boolean {
  return Object.keys(right).every((name) => left[name] === right[name]);
}
