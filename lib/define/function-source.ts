export type UserFunction = (...values: never[]) => unknown;

/** What a function was made from: a user's, and a text that tells what was added to it. */
export interface Composition {
  readonly label: string;
  readonly of: UserFunction;
}

const compositions = new WeakMap<UserFunction, Composition>();

/**
 * The source text of a user's function. Values that the function closes over are not part of it: a changed constant needs
 * a new view version that nothing here can ask for.
 */
export function functionSource(source: UserFunction): string {
  const made = compositions.get(source);
  return made === undefined ? source.toString() : `${made.label} && ${functionSource(made.of)}`;
}

/** What a function was made from; undefined for a user's own. */
export function compositionOf(source: UserFunction): Composition | undefined {
  return compositions.get(source);
}

/** Records what a function is made from, whose own text would always be the same. */
export function composedFunction<F extends UserFunction>(made: F, composition: Composition): F {
  compositions.set(made, composition);
  return made;
}
