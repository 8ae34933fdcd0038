import type { FeatureService, FeatureValue } from "../../define/types.ts";
import type { ViewAnswer } from "./answers.ts";
import { ApiError } from "./api-error.ts";

/** What of an entity's history to read: by the service's names for the keys of one of its views. */
export interface HistoryRequest<Keys, Name extends string> {
  /** The keys of the view, as the service names them. */
  readonly keys: Keys;
  /** Names of the view's features. @default all */
  readonly features?: readonly Name[];
  /** Tiles that end after it: ISO 8601 with `Z` or an offset, or epoch milliseconds. @default as far back as is kept */
  readonly from?: string | number;
  /** Tiles that start before it. @default now */
  readonly to?: string | number;
}

/** The tiles of features that share them: those of one aggregation over several windows. Times are ISO 8601. */
export interface TileSeries<Name extends string = string, Value = FeatureValue> {
  /** Whose tiles these are. */
  readonly features: readonly Name[];
  /** Of a tile without events; those are left out. */
  readonly emptyValue: Value | null;
  /** Where tiles are known, and how long they are there, oldest first. */
  readonly stretches: readonly { readonly from: string; readonly to: string; readonly hopMs: number }[];
  /** Those with events, oldest first. */
  readonly tiles: readonly {
    readonly start: string;
    readonly end: string;
    readonly value: Value | null;
    /** Whether it holds the as-of time, and still fills. */
    readonly open: boolean;
  }[];
}

/** An entity's tiles as time series, as docs/http-api.md tells of them. */
export interface ViewHistory<Name extends string = string, Value = FeatureValue> extends ViewAnswer {
  /** One for each aggregation. */
  readonly series: readonly TileSeries<Name, Value>[];
  /** Features that are not kept in tiles, such as those over a lifetime. */
  readonly withoutTiles: readonly Name[];
}

/**
 * The path and query of a history.
 *
 * @throws ApiError `REQUEST_INVALID` for an alias that the service does not have, and a key that is missing or none
 *   of the view's.
 */
export function historyPath(
  { views }: FeatureService,
  alias: string,
  { keys, features = [], from, to }: HistoryRequest<Readonly<Record<string, unknown>>, string>,
): string {
  const reference = Object.hasOwn(views, alias) ? views[alias] : undefined;
  if (reference === undefined) {
    const known = Object.keys(views).join(", ") || "none";
    throw new ApiError(
      "REQUEST_INVALID",
      `${JSON.stringify(alias)} is no view of the service; it has ${known}`,
    );
  }
  const { name, version } = reference.view;
  const query = new URLSearchParams();
  for (const [field, key] of Object.entries(reference.keys)) {
    if (keys[key] === undefined)
      throw new ApiError("REQUEST_INVALID", `history of ${alias}: the key ${key} is missing`);
    query.set(`key.${field}`, String(keys[key]));
  }
  const unknown = Object.keys(keys).find((key) => !Object.values(reference.keys).includes(key));
  if (unknown !== undefined) {
    throw new ApiError("REQUEST_INVALID", `history of ${alias}: ${unknown} is none of its keys`);
  }
  for (const feature of features) query.append("feature", feature);
  for (const [option, time] of Object.entries({ from, to }))
    if (time !== undefined) query.set(option, String(time));
  return `v1/views/${name}@${version}/history?${query}`;
}
