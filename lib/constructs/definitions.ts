import { Annotations } from "aws-cdk-lib";
import type { Construct, IConstruct } from "constructs";
import type { SourceToDeploy, ViewToDeploy } from "../bundle/deployment-description.ts";
import { type DescribedModule, describeDeployment } from "../bundle/describe-deployment.ts";
import type { OptionNames } from "../define/check-options.ts";
import { quote } from "../define/refuse.ts";
import { refuseProp } from "./refuse-prop.ts";

/** What every construct over definitions takes. */
export interface DefinitionsProps {
  /**
   * The module that exports the definitions: a path, or a file URL such as `new URL("./fraud.ts", import.meta.url)`.
   * It is checked at synthesis, as `freshet check` does, and bundled with the functions.
   */
  readonly definitions: string | URL;
}

/** What every construct for one source of the definitions takes. */
export interface SourceProps extends DefinitionsProps {
  /** The source's name. */
  readonly source: string;
}

/** The names of {@link SourceProps}. */
export const SOURCE_PROPS: OptionNames<SourceProps> = { definitions: true, source: true };

/** A source as it is deployed, and the views over it. */
export interface DescribedSource extends SourceToDeploy {
  readonly views: readonly ViewToDeploy[];
  /** The definitions' file, absolute. */
  readonly file: string;
}

/** What an app has been warned of: parts of one pipeline load the same definitions. */
const warnings = new WeakMap<IConstruct, Set<string>>();

function warnedOf(app: IConstruct): Set<string> {
  const known = warnings.get(app) ?? new Set<string>();
  warnings.set(app, known);
  return known;
}

/** @throws FreshetError `OPTION_INVALID` for what is neither; what loading the definitions throws. */
function describe(construct: Construct, definitions: string | URL): DescribedModule {
  // By what it has: a runner of tests may have a URL of its own.
  if (typeof definitions !== "string" && definitions?.href === undefined) {
    refuseProp(
      construct,
      `definitions are ${definitions === undefined ? "not given" : quote(definitions)}; give the module's path, or a file URL: new URL("./fraud.ts", import.meta.url).`,
    );
  }
  return describeDeployment(definitions);
}

/**
 * The definitions, checked; what may surprise is a warning on the first construct that has them.
 *
 * @throws FreshetError `DEFINITIONS_NOT_FOUND`, `DEFINITION_INVALID`, `DEFINITIONS_NOT_LOADABLE`
 */
export function loadDefinitions(scope: Construct, { definitions }: DefinitionsProps): DescribedModule {
  const module = describe(scope, definitions);
  const warned = warnedOf(scope.node.root);
  for (const { severity, text } of module.problems) {
    if (severity !== "warning" || warned.has(text)) continue;
    warned.add(text);
    Annotations.of(scope).addWarningV2("freshet:definitions", text);
  }
  return module;
}

/** @throws FreshetError `OPTION_INVALID` when the definitions have no such source; what loading them throws. */
export function loadSource(scope: Construct, { definitions, source: name }: SourceProps): DescribedSource {
  const { sources, views, file } = describe(scope, definitions);
  const source = sources.find((each) => each.name === name);
  if (source === undefined) {
    refuseProp(
      scope,
      `there is no source ${JSON.stringify(name)} in ${file}; it has ${sources.map((each) => each.name).join(", ")}.`,
    );
  }
  return { ...source, file, views: views.filter((view) => view.source === name) };
}

/**
 * A view by its name, or by name and version where several are deployed: `card@2`.
 *
 * @throws FreshetError `OPTION_INVALID`
 */
export function findView(construct: Construct, views: readonly ViewToDeploy[], name: string): ViewToDeploy {
  const found = views.filter((view) => view.id === name || view.name === name);
  if (found.length === 1) return found[0]!;
  const ids = views.map(({ id }) => id).join(", ");
  return refuseProp(
    construct,
    found.length === 0
      ? `there is no view ${JSON.stringify(name)}; there are ${ids}.`
      : `view ${JSON.stringify(name)} has several versions; name one of ${found.map(({ id }) => id).join(", ")}.`,
  );
}
