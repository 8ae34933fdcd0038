import { dirname, resolve } from "node:path";
import type { BuildFailure } from "esbuild";
import { requireDefinitionsFile } from "../../lib/bundle/require-definitions-file.ts";
import { FreshetError } from "../../lib/define/error.ts";
import type { View } from "../../lib/define/types.ts";
import { importBundled } from "../../lib/local/load-definitions.ts";
import { checkStructureLock, lockCommandOf, lockFileOf } from "../../lib/lock/structure-lock.ts";
import { boundProblems } from "./bound-problems.ts";
import { crossProblems } from "./cross-problems.ts";
import { freshnessProblems } from "./freshness-problems.ts";
import { historyProblems } from "./history-problems.ts";
import { modelProblems } from "./model-problems.ts";
import type { Place, Problem } from "./problem.ts";
import { createRecordingKit, type Recorded } from "./recording-kit.ts";
import { createPlaceFinder, type PlaceFinder } from "./source-places.ts";

/** What a check of a definitions module found. */
export interface CheckReport {
  readonly file: string;
  readonly errors: number;
  readonly warnings: number;
  /** Errors first, then in the order of the module. */
  readonly problems: readonly Problem[];
  /** How many definitions were looked at. */
  readonly checked: {
    readonly sources: number;
    readonly views: number;
    readonly services: number;
    readonly models: number;
  };
}

type Definition = Recorded["definition"];

/**
 * Finds everything that loading, locking and serving definitions would refuse (R14), without a deployment, and what may
 * surprise at run time. Nothing is written.
 *
 * @param options.frozen - whether a view that the lock file does not know is an error, as it is where CI is set, or a warning.
 * @param options.settings - whose a deployment's settings are: the defaults, and a warning says what they refuse; or such
 * as the caller knows, and refuses by itself.
 * @throws FreshetError `DEFINITIONS_NOT_FOUND`
 */
export async function checkDefinitions(
  file: string,
  { frozen, settings = "default" }: { readonly frozen: boolean; readonly settings?: "default" | "known" },
): Promise<CheckReport> {
  const path = resolve(file);
  requireDefinitionsFile(path);
  const places = createPlaceFinder();
  const { kit, recorded, problems: refused } = createRecordingKit();
  const problems: Problem[] = [];
  let exported: readonly Definition[] | null = null;
  try {
    const module = await importBundled(path, { kit, onSourceMap: places.setMap });
    const made = new Set<unknown>(recorded.map(({ definition }) => definition));
    exported = Object.values(module).filter((each): each is Definition => made.has(each));
  } catch (error) {
    problems.push(...loadProblems(error, path, places));
  }
  problems.push(...refused.map(({ stack, ...problem }) => ({ ...problem, at: places.placeOf(stack) })));
  const placeOf = (definition: Definition) => places.placeOf(recordOf(recorded, definition)?.stack ?? "");
  const isSound = (definition: Definition) => recordOf(recorded, definition)?.isSound === true;

  // What was defined before the module threw is checked as well.
  const cross = crossProblems(exported ?? recorded.map(({ definition }) => definition));
  for (const { refusal, definition } of cross.problems) problems.push(errorOf(refusal, placeOf(definition)));
  const { sources, views, services, models } = cross.definitions;
  if (exported !== null) {
    if (recorded.length === 0 && problems.length === 0) {
      const message = `${path} exports no definitions; export what source, view, service or model return.`;
      problems.push({ severity: "error", code: "DEFINITIONS_NOT_LOADABLE", message, at: null });
    }
    const deployed = new Set<Definition>([...sources, ...views, ...services, ...models]);
    problems.push(...leftOut(recorded, deployed, cross.problems.length > 0, places));
  }

  const byDefault = settings === "default";
  for (const source of byDefault ? sources.filter(isSound) : []) {
    for (const { code, message } of historyProblems(source))
      problems.push({ severity: "warning", code, message, at: placeOf(source) });
  }
  for (const view of views.filter(isSound)) {
    for (const message of [...boundProblems(view), ...(byDefault ? freshnessProblems(view) : [])])
      problems.push({ severity: "warning", code: null, message, at: placeOf(view) });
    // What stands in for its source is not what was locked.
    if (isSound(view.source)) problems.push(...(await lockProblems(path, view, frozen, placeOf(view))));
  }
  for (const model of models) {
    // What a service's vector is cannot be told while it is refused.
    if (!isSound(model) || !isSound(model.service)) continue;
    const isVectorWhole = recordOf(recorded, model.service)?.isIncomplete === false;
    for (const refusal of await modelProblems(model, { folder: dirname(path), isVectorWhole }))
      problems.push(errorOf(refusal, placeOf(model)));
  }
  const unique = uniqueProblems(problems);
  const errors = unique.filter(({ severity }) => severity === "error");
  const warnings = unique.filter(({ severity }) => severity === "warning");
  return {
    file: path,
    errors: errors.length,
    warnings: warnings.length,
    problems: [...errors, ...warnings],
    checked: {
      sources: sources.length,
      views: views.length,
      services: services.length,
      models: models.length,
    },
  };
}

function errorOf({ code, message }: FreshetError, at: Place | null): Problem {
  return { severity: "error", code, message, at };
}

function recordOf(recorded: readonly Recorded[], definition: Definition): Recorded | undefined {
  const version = "version" in definition ? definition.version : null;
  return (
    recorded.find((each) => each.definition === definition) ??
    recorded.find(
      ({ definition: each }) =>
        each.kind === definition.kind &&
        each.name === definition.name &&
        ("version" in each ? each.version : null) === version,
    )
  );
}

/** A module that does not compile has as many problems as the compiler found; one that throws has one. */
function loadProblems(error: unknown, path: string, places: PlaceFinder): readonly Problem[] {
  if (!(error instanceof FreshetError)) throw error;
  const { cause } = error;
  const build = ((cause as Partial<BuildFailure> | undefined)?.errors ?? []).filter(
    ({ location }) => location !== null,
  );
  if (build.length === 0) {
    // What the kit refuses of the module's own code is thrown as it is; anything else is its cause.
    const thrown = cause instanceof Error ? cause : error;
    return [errorOf(error, places.placeOf(thrown.stack ?? "") ?? places.placeOf(error.stack ?? ""))];
  }
  return build.map(({ text, location }) => ({
    severity: "error",
    code: error.code,
    message: text,
    at: { file: resolve(dirname(path), location!.file), line: location!.line, column: location!.column + 1 },
  }));
}

/** Definitions that the module makes and neither exports nor uses in one that it does: they are not deployed. */
function leftOut(
  recorded: readonly Recorded[],
  deployed: ReadonlySet<Definition>,
  someWereDropped: boolean,
  places: PlaceFinder,
): readonly Problem[] {
  if (someWereDropped) return [];
  return recorded
    .filter(({ definition, isSound }) => isSound && !deployed.has(definition))
    .map(({ definition: { kind, name }, stack }) => ({
      severity: "warning",
      code: null,
      message: `${kind} "${name}": is neither exported nor used by what is exported, so it is not deployed. Export it, or drop it.`,
      at: places.placeOf(stack),
    }));
}

async function lockProblems(
  path: string,
  view: View,
  frozen: boolean,
  at: Place | null,
): Promise<readonly Problem[]> {
  try {
    await checkStructureLock(path, [view], { unknown: "refuse" });
    return [];
  } catch (error) {
    if (!(error instanceof FreshetError)) throw error;
    if (error.code !== "STRUCTURE_NOT_LOCKED" || frozen) return [errorOf(error, at)];
    const message = `view ${view.name}@${view.version}: is not in ${lockFileOf(path)}, and loading it where CI is set is refused; run "${lockCommandOf(path)}" and commit the lock file.`;
    return [{ severity: "warning", code: error.code, message, at }];
  }
}

function uniqueProblems(problems: readonly Problem[]): readonly Problem[] {
  const byText = new Map<string, Problem>();
  for (const problem of problems) {
    const text = `${problem.severity} ${problem.message}`;
    if (!byText.has(text)) byText.set(text, problem);
  }
  return [...byText.values()];
}
