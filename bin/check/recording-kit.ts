import { checkOptions, isRecord, type OptionNames, unknownOptions } from "../../lib/define/check-options.ts";
import { checkIdentifier } from "../../lib/define/identifier.ts";
import { MODEL_OPTIONS } from "../../lib/define/model.ts";
import { nearestName } from "../../lib/define/nearest-name.ts";
import { quote } from "../../lib/define/refuse.ts";
import { SERVICE_OPTIONS } from "../../lib/define/service.ts";
import { SOURCE_OPTIONS } from "../../lib/define/source.ts";
import type { FeatureService, Model, Source, View } from "../../lib/define/types.ts";
import { VIEW_OPTIONS } from "../../lib/define/view.ts";
import { referenceTo } from "../../lib/define/view-reference.ts";
import * as kit from "../../lib/index.ts";
import { type Findings, type Options, objectOf } from "./parts/find-refusals.ts";
import { modelFindings } from "./parts/model-parts.ts";
import { serviceFindings } from "./parts/service-parts.ts";
import { sourceFindings } from "./parts/source-parts.ts";
import { viewFindings } from "./parts/view-parts.ts";
import { type Problem, refusalOf } from "./problem.ts";

/** A definition as the module made it. */
export interface Recorded {
  readonly definition: Source | View | FeatureService | Model;
  /** False: it stands in for one that is refused, and what it keeps is not what the user meant. */
  readonly isSound: boolean;
  /** Whether something was left out of it that is refused elsewhere. */
  readonly isIncomplete: boolean;
  /** Where it is defined: the stack at the call. */
  readonly stack: string;
}

/** A problem whose place is still a stack of the bundle. */
export type RecordedProblem = Omit<Problem, "at"> & { readonly stack: string };

export interface RecordingKit {
  /** What a module gets for `freshet-kit`. */
  readonly kit: object;
  readonly recorded: Recorded[];
  readonly problems: RecordedProblem[];
}

type Kind = Recorded["definition"]["kind"];

/** Stands for a definition of which nothing can be told. */
interface Unusable {
  readonly kind: Kind;
  readonly name: string;
  by(): Unusable;
}

const STAND_IN_NAME = "unnamed";

const OPTIONS: Readonly<Record<Kind, OptionNames>> = {
  source: SOURCE_OPTIONS,
  view: VIEW_OPTIONS,
  service: SERVICE_OPTIONS,
  model: MODEL_OPTIONS,
};

/**
 * The kit with definition functions that never throw: each notes everything that is wrong with what it is given, and
 * returns something for the rest of the module to go on with.
 */
export function createRecordingKit(): RecordingKit {
  const recorded: Recorded[] = [];
  const problems: RecordedProblem[] = [];
  const unusable = new WeakSet<object>();
  const wrongFeatures = new WeakMap<object, ReadonlySet<string>>();
  const withoutFeatures = new WeakSet<object>();
  const refusedKeys = new WeakMap<object, string>();

  function standInFor(kind: Kind, name: unknown, because: string | null, stack: string): Unusable {
    const none: Unusable = { kind, name: String(name), by: () => none };
    Object.assign(none, { version: 1, features: [], vector: [], views: {} });
    unusable.add(none);
    if (because !== null) {
      const message = `${kind} ${quote(name)}: not checked, because ${because} is refused; check again when that is mended.`;
      problems.push({ severity: "warning", code: null, message, stack });
    }
    return none;
  }

  function note<D extends Recorded["definition"]>(
    kind: Kind,
    name: unknown,
    options: unknown,
    find: (name: string, given: Options) => Findings<D>,
  ): { readonly made: D | Unusable; readonly findings: Findings<D> } {
    const stack = new Error("defined here").stack ?? "";
    // A wrong name would be all that any check says.
    const wrongName = refusalOf(() => checkIdentifier(kind, name));
    if (wrongName !== null)
      problems.push({ severity: "error", code: wrongName.code, message: wrongName.message, stack });
    const wrongOptions = refusalOf(() => checkOptions(`${kind} ${quote(name)}`, options, OPTIONS[kind]));
    if (wrongOptions !== null)
      problems.push({ severity: "error", code: wrongOptions.code, message: wrongOptions.message, stack });
    if (!isRecord(options)) {
      const none: Findings<D> = { refusals: [], standIn: null };
      return { made: standInFor(kind, name, null, stack), findings: none };
    }
    const findings = find(
      wrongName === null ? (name as string) : STAND_IN_NAME,
      asMeant(options, OPTIONS[kind]),
    );
    for (const { code, message } of findings.refusals) {
      const text = wrongName === null ? message : message.replace(quote(STAND_IN_NAME), quote(name));
      const inPlace = text.startsWith(kind) ? text : `${kind} ${quote(name)}: ${text}`;
      problems.push({ severity: "error", code, message: inPlace, stack });
    }
    const isRefused = findings.refusals.length > 0 || wrongName !== null || wrongOptions !== null;
    if (findings.standIn === null) {
      return { made: standInFor(kind, name, isRefused ? null : "all that it names", stack), findings };
    }
    const { standIn, isIncomplete = false } = findings;
    recorded.push({ definition: standIn, isSound: !isRefused, isIncomplete, stack });
    return { made: findings.standIn, findings };
  }

  /** What stands for a definition over one that nothing is known of; null where there is no such. */
  function unlessUsable(kind: Kind, name: unknown, over: unknown): Unusable | null {
    if (typeof over !== "object" || over === null || !unusable.has(over)) return null;
    const { kind: overKind, name: overName } = over as Unusable;
    return standInFor(kind, name, `${overKind} ${quote(overName)}`, new Error("defined here").stack ?? "");
  }

  const source = (name: unknown, options: unknown) => {
    let refusedKey: string | null = null;
    const { made } = note("source", name, options, (sound, given) => {
      const findings = sourceFindings(sound, given);
      if (findings.isKeyRefused) refusedKey = String(given.partitionKey);
      return findings;
    });
    if (refusedKey !== null) refusedKeys.set(made, refusedKey);
    return made;
  };

  const view = (name: unknown, options: unknown) => {
    const over = objectOf(options).source as Source | undefined;
    const none = unlessUsable("view", name, over);
    if (none !== null) return none;
    let wrong: ReadonlySet<string> = new Set();
    let hasNoFeatures = false;
    let isUnchecked = false;
    const { made } = note("view", name, options, (sound, given) => {
      const refusedKey = over === undefined ? undefined : refusedKeys.get(over);
      const findings = viewFindings(sound, given, { source: over, refusedKey });
      wrong = findings.wrongFeatures;
      hasNoFeatures = findings.hasNoFeatures;
      isUnchecked = hasNoFeatures && typeof given.features === "function";
      const standIn = findings.standIn === null ? null : notingBy(findings.standIn);
      return { ...findings, standIn };
    });
    if (wrong.size > 0) wrongFeatures.set(made, wrong);
    if (hasNoFeatures) withoutFeatures.add(made);
    if (isUnchecked) {
      const message = `view ${quote(name)}: its features are not checked, because their function is refused; check again when that is mended.`;
      const stack = new Error("defined here").stack ?? "";
      problems.push({ severity: "warning", code: null, message, stack });
    }
    return made;
  };

  /** The view with a `by` that notes what it refuses, and names no keys then. */
  function notingBy(made: View): View {
    const view = { ...made };
    const by = (names: Readonly<Record<string, string>>) => {
      const refusal = refusalOf(() => referenceTo(view, names));
      if (refusal === null) return referenceTo(view, names);
      const { code, message } = refusal;
      const stack = new Error("defined here").stack ?? "";
      problems.push({ severity: "error", code, message, stack });
      return referenceTo(view);
    };
    return Object.defineProperty(view, "by", { value: by });
  }

  const service = (name: unknown, options: unknown) => {
    const views = Object.entries(objectOf(objectOf(options).views));
    const viewOf = (reference: unknown) => Object(objectOf(reference).view ?? reference) as object;
    const usable = Object.fromEntries(views.filter(([, reference]) => !unusable.has(viewOf(reference))));
    const isUnknown = (entry: unknown) => {
      const [alias, feature = ""] = String(entry).split(/\.(.*)/s);
      const found = views.find(([each]) => each === alias);
      if (found === undefined) return false;
      const over = viewOf(found[1]);
      return (
        unusable.has(over) ||
        withoutFeatures.has(over) ||
        [...(wrongFeatures.get(over) ?? [])].some((each) => feature.startsWith(`${each}_`))
      );
    };
    const find = (sound: string, given: Options) => {
      let isIncomplete = false;
      const leftOut = (entry: unknown) => {
        const isLeftOut = isUnknown(entry);
        isIncomplete ||= isLeftOut;
        return isLeftOut;
      };
      const options = isRecord(given.views) ? { ...given, views: usable } : given;
      return { ...serviceFindings(sound, options, leftOut), isIncomplete };
    };
    return note("service", name, options, find).made;
  };

  const model = (name: unknown, options: unknown) => {
    const over = objectOf(options).service as FeatureService | undefined;
    return (
      unlessUsable("model", name, over) ??
      note("model", name, options, (sound, given) => modelFindings(sound, given, over)).made
    );
  };

  return { kit: { ...kit, source, view, service, model }, recorded, problems };
}

/** Options as they were most likely meant: under the nearest name that there is, or left out. */
function asMeant(given: Options, names: OptionNames): Options {
  const unknown = unknownOptions(given, names);
  const missing = Object.keys(names).filter((name) => given[name] === undefined);
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const meant = unknown.includes(name) ? nearestName(name, missing) : name;
      return meant === undefined ? [] : [[meant, value]];
    }),
  );
}
