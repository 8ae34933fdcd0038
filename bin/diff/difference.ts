/**
 * What became of a definition:
 * - `same`: nothing that matters;
 * - `changed`: safe, what is kept or served under its version stays what it was;
 * - `new version needed`: what its version stands for has changed, and the version has not;
 * - `new version`: it stands under a version that was not there before, beside or instead of another;
 * - `added`, `removed`.
 */
export type Verdict = "same" | "changed" | "new version needed" | "new version" | "added" | "removed";

/** A setting that differs, its values as `freshet describe --json` has them. */
export interface SettingChange {
  readonly name: string;
  readonly from: unknown;
  readonly to: unknown;
}

export interface Difference {
  readonly name: string;
  readonly verdict: Verdict;
  readonly settings: readonly SettingChange[];
  /** What must be done or looked at before the change goes out; anything here makes the exit code 1. */
  readonly care: readonly string[];
  /** What follows from the change and needs nothing. */
  readonly notes: readonly string[];
}

/** The given properties that differ between two descriptions. */
export function settingChanges<D extends object>(
  from: D,
  to: D,
  names: readonly (keyof D & string)[],
): readonly SettingChange[] {
  return names
    .filter((name) => JSON.stringify(from[name]) !== JSON.stringify(to[name]))
    .map((name) => ({ name, from: from[name], to: to[name] }));
}

/** Old and new by name, in the order of the new ones, what was removed last. */
export function pairUp<D>(
  from: readonly D[],
  to: readonly D[],
  nameOf: (each: D) => string,
): readonly { readonly from: D | undefined; readonly to: D | undefined }[] {
  const before = new Map(from.map((each) => [nameOf(each), each]));
  const after = new Map(to.map((each) => [nameOf(each), each]));
  return [
    ...to.map((each) => ({ from: before.get(nameOf(each)), to: each })),
    ...from.filter((each) => !after.has(nameOf(each))).map((each) => ({ from: each, to: undefined })),
  ];
}

/** `name@version`. */
export function idOf({ name, version }: { readonly name: string; readonly version: number }): string {
  return `${name}@${version}`;
}

/** What a version that was not there before replaces: the latest of the same name that is gone, else the latest. */
export function predecessorOf<D extends { readonly name: string; readonly version: number }>(
  each: D,
  from: readonly D[],
  to: readonly D[],
): D | undefined {
  const kept = new Set(to.map(idOf));
  const older = from
    .filter(({ name }) => name === each.name)
    .sort((left, right) => right.version - left.version);
  return older.find((other) => !kept.has(idOf(other))) ?? older[0];
}
