type UserFunction = (...values: never[]) => unknown;

const composed = new WeakMap<UserFunction, string>();

/**
 * The source text of a user's function, by which a change of it is noticed (R13). Values that the function closes
 * over are not part of it: a changed constant needs a new view version that nothing here can ask for.
 */
export function functionSource(source: UserFunction): string {
  return composed.get(source) ?? source.toString();
}

/** Records the text that stands for a function made from a user's, whose own text would always be the same. */
export function composedFunction<F extends UserFunction>(made: F, text: string): F {
  composed.set(made, text);
  return made;
}
