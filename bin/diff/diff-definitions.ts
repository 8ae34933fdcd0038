import { dirname, resolve } from "node:path";
import { FreshetError } from "../../lib/define/error.ts";
import type { Definitions } from "../../lib/define/types.ts";
import { loadDefinitions } from "../../lib/local/load-definitions.ts";
import type { Difference } from "./difference.ts";
import { type ModelDifference, modelDifferences } from "./model-difference.ts";
import { type ServiceDifference, serviceDifferences } from "./service-difference.ts";
import { type SourceDifference, sourceDifferences } from "./source-difference.ts";
import { type ViewDifference, viewDifferences } from "./view-difference.ts";

/** What `freshet diff --json` prints. */
export interface DefinitionsDifference {
  /** True when anything says what must be done before the change goes out. */
  readonly needsCare: boolean;
  readonly sources: readonly SourceDifference[];
  readonly views: readonly ViewDifference[];
  readonly services: readonly ServiceDifference[];
  readonly models: readonly ModelDifference[];
}

/**
 * Compares two definitions modules. Lock files are not looked at: what the old module says is taken as deployed.
 *
 * @throws FreshetError as loading either of them does, with which one it is.
 */
export async function diffDefinitions(fromFile: string, toFile: string): Promise<DefinitionsDifference> {
  const from = await load("old", fromFile);
  const to = await load("new", toFile);
  const parts = {
    sources: sourceDifferences(from.sources, to.sources),
    views: viewDifferences(from.views, to.views),
    services: serviceDifferences(from.services, to.services, to.models),
    models: await modelDifferences(from.models, to.models, {
      from: dirname(resolve(fromFile)),
      to: dirname(resolve(toFile)),
    }),
  };
  const all: readonly Difference[] = Object.values(parts).flat();
  return { needsCare: all.some(({ care }) => care.length > 0), ...parts };
}

async function load(which: "old" | "new", file: string): Promise<Definitions> {
  try {
    return await loadDefinitions(file, { lock: "ignore" });
  } catch (cause) {
    if (!(cause instanceof FreshetError)) throw cause;
    throw new FreshetError(cause.code, `the ${which} module, ${file}: ${cause.message}`, { cause });
  }
}
