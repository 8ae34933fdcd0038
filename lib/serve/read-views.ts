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

/** Views to read for one row of a request; `keys[i]` is the key of `views[i]`. */
export interface ViewRow {
  readonly views: readonly ServedView[];
  readonly keys: readonly (readonly Scalar[])[];
}

/**
 * Reads the views of all rows in one call, at one as-of time. `answers[i]` has a reading for each view of `rows[i]`, in
 * its order, or is the error of the first that cannot be read.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`: then nothing was read.
 */
export async function readViews(
  reader: FeatureReader,
  rows: readonly ViewRow[],
): Promise<readonly (readonly ServedReading[] | FreshetError)[]> {
  const requests = rows.flatMap(({ views, keys }) =>
    views.map(({ plan }, index) => ({ plan, key: keys[index]! })),
  );
  const read = requests.length === 0 ? [] : await reader.readEach(requests);
  if (read.length !== requests.length) {
    throw new FreshetError("INTERNAL", `the reader answered ${read.length} of ${requests.length} requests.`);
  }
  let next = 0;
  return rows.map(({ views }) => {
    const own = read.slice(next, next + views.length);
    next += views.length;
    const readings: ServedReading[] = [];
    for (const [index, reading] of own.entries()) {
      if (reading instanceof FreshetError) return reading;
      const { alias, plan } = views[index]!;
      readings.push({ ...reading, alias, entity: plan.view.entity });
    }
    return readings;
  });
}
