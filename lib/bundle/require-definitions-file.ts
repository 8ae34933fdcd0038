import { type Stats, statSync } from "node:fs";
import { FreshetError } from "../define/error.ts";

/** @throws FreshetError `DEFINITIONS_NOT_FOUND` when there is no file at the path. */
export function requireDefinitionsFile(path: string): Stats {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return stats;
  const what = stats?.isDirectory() ? "it is a folder" : "there is no such file";
  throw new FreshetError(
    "DEFINITIONS_NOT_FOUND",
    `${path}: ${what}; give the module that exports your definitions.`,
  );
}
