import { collectDefinitions } from "../../lib/define/collect-definitions.ts";
import { FreshetError } from "../../lib/define/error.ts";
import { quote } from "../../lib/define/refuse.ts";
import type { Definitions, FeatureService, Model, Source, View } from "../../lib/define/types.ts";

type Definition = Source | View | FeatureService | Model;

/** A refusal between definitions, and the one that it names. */
export interface CrossProblem {
  readonly refusal: FreshetError;
  readonly definition: Definition;
}

const NONE: Definitions = { sources: [], views: [], services: [], models: [] };

/**
 * Everything that is wrong between definitions: names used twice, and fallbacks. After each refusal what it names is
 * left out, or loses its fallback, and the rest is gathered again.
 *
 * @returns the problems, and the definitions that are left.
 */
export function crossProblems(exported: readonly Definition[]): {
  readonly problems: readonly CrossProblem[];
  readonly definitions: Definitions;
} {
  const problems: CrossProblem[] = [];
  let rest = exported;
  for (;;) {
    try {
      return { problems, definitions: collectDefinitions({ ...rest }) };
    } catch (refusal) {
      if (!(refusal instanceof FreshetError)) throw refusal;
      const all = reachable(rest);
      const named = all.filter((each) =>
        placesOf(each).some((place) => refusal.message.startsWith(`${place}: `)),
      );
      const definition = named.at(-1);
      if (definition === undefined) throw refusal;
      problems.push({ refusal, definition });
      rest =
        named.length > 1 || definition.kind !== "model"
          ? all.filter((each) => !uses(each, definition))
          : all.map((each) => (each === definition ? { ...definition, fallback: null } : each));
      if (rest.length === 0) return { problems, definitions: NONE };
    }
  }
}

function placesOf({ kind, name, ...rest }: Definition): readonly string[] {
  return [
    `${kind} ${quote(name)}`,
    ...("version" in rest ? [`${kind} ${quote(`${name}@${rest.version}`)}`] : []),
  ];
}

function usedBy(definition: Definition): readonly Definition[] {
  if (definition.kind === "view") return [definition.source];
  if (definition.kind === "service") return Object.values(definition.views).map(({ view }) => view);
  return definition.kind === "model" ? [definition.service] : [];
}

function uses(definition: Definition, other: Definition): boolean {
  return definition === other || usedBy(definition).some((each) => uses(each, other));
}

/** What is exported and what that uses, each once. */
function reachable(definitions: readonly Definition[]): readonly Definition[] {
  const found = new Set<Definition>();
  const visit = (definition: Definition): void => {
    for (const each of usedBy(definition)) visit(each);
    found.add(definition);
  };
  for (const each of definitions) visit(each);
  return [...found];
}
