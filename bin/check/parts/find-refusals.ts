import type { FreshetError } from "../../../lib/define/error.ts";
import { refusalOf } from "../problem.ts";

/** What is wrong with one definition, and what can stand in for it so that what uses it is checked too. */
export interface Findings<Definition> {
  readonly refusals: readonly FreshetError[];
  /** Null: nothing can; what uses it cannot be checked. */
  readonly standIn: Definition | null;
  /** Whether something was left out of it that is refused elsewhere. @default false */
  readonly isIncomplete?: boolean;
}

export type Options = Readonly<Record<string, unknown>>;

/** What a user gave as an object; an empty one where it is none. */
export function objectOf(value: unknown): Options {
  return typeof value === "object" && value !== null ? (value as Options) : {};
}

/** The options that are left without some. */
export function without(options: Options, isOut: (name: string) => boolean): Options {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !isOut(name)));
}

/**
 * Finds everything that a definition function refuses about its options, by calling it with one of them at a time among
 * sound ones. So each message is the one that loading would give, and only what fails as a whole is taken apart.
 *
 * @param options.make - calls the definition function.
 * @param options.given - the user's options.
 * @param options.parts - each as the options to call with: sound but for the part that is looked at.
 * @param options.repair - the given options without what is wrong with them, given the names of the parts that are.
 */
export function findRefusals<Definition>(options: {
  readonly make: (options: Options) => Definition;
  readonly given: Options;
  readonly parts: () => Readonly<Record<string, Options>>;
  readonly repair: (wrong: ReadonlySet<string>) => Options | null;
}): Findings<Definition> {
  const { make, given, parts, repair } = options;
  let made: Definition | null = null;
  const whole = refusalOf(() => {
    made = make(given);
  });
  if (whole === null) return { refusals: [], standIn: made };

  const refusals = new Map<string, FreshetError>();
  const wrong = new Set<string>();
  for (const [part, each] of Object.entries(parts())) {
    const refusal = refusalOf(() => make(each));
    if (refusal === null) continue;
    wrong.add(part);
    refusals.set(refusal.message, refusal);
  }
  // What no part shows alone lies between them, such as hops that do not divide each other.
  const repaired = repair(wrong);
  const between = repaired === null ? whole : refusalOf(() => (made = make(repaired)));
  if (between !== null && (wrong.size === 0 || repaired !== null)) refusals.set(between.message, between);
  if (wrong.size === 0) refusals.set(whole.message, whole);
  return { refusals: [...refusals.values()], standIn: between === null ? made : null };
}
