import { SourceMap, type SourceMapPayload } from "node:module";
import { resolve } from "node:path";
import type { Place } from "./problem.ts";

/** Finds where in the user's files a bundle's stack comes from. */
export interface PlaceFinder {
  /** @param folder - what the map's paths are against. */
  setMap(map: string, folder: string): void;
  /** Null where the stack does not pass through the bundle. */
  placeOf(stack: string): Place | null;
}

export function createPlaceFinder(): PlaceFinder {
  let map: SourceMap | null = null;
  let base = "";
  return {
    setMap(text, folder) {
      map = new SourceMap(JSON.parse(text) as SourceMapPayload);
      base = folder;
    },
    placeOf(stack) {
      const match = /definitions\.mjs(?:\?[^:]*)?:(\d+):(\d+)/.exec(stack);
      if (map === null || match === null) return null;
      const entry = map.findEntry(Number(match[1]) - 1, Number(match[2]) - 1);
      if (!("originalSource" in entry)) return null;
      return {
        file: resolve(base, entry.originalSource),
        line: entry.originalLine + 1,
        column: entry.originalColumn + 1,
      };
    },
  };
}
