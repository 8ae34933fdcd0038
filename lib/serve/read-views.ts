import { FreshetError } from "../define/error.ts";
import type { Scalar } from "../define/where.ts";
import type { FeatureReader, FeatureReading } from "../online/reader.ts";
import type { ServedView } from "./catalog.ts";

/** A reading of a view as a request named it. */
export interface ServedReading extends FeatureReading {
  readonly alias: string;
  /** The fields of the key, in its order. */
  readonly entity: readonly string[];
}

/** Reads views in one round trip; `keys[i]` is the key of `views[i]`, and `readings[i]` its reading. */
export async function readViews(
  reader: FeatureReader,
  views: readonly ServedView[],
  keys: readonly (readonly Scalar[])[],
): Promise<readonly ServedReading[]> {
  if (views.length === 0) return [];
  const readings = await reader.read(views.map(({ plan }, index) => ({ plan, key: keys[index]! })));
  if (readings.length !== views.length) {
    throw new FreshetError("INTERNAL", `the reader answered ${readings.length} of ${views.length} requests.`);
  }
  return readings.map((reading, index) => {
    const { alias, plan } = views[index]!;
    return { ...reading, alias, entity: plan.view.entity };
  });
}
