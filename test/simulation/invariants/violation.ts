/** Something that a rule forbids, as it was found. */
export interface Violation {
  /** Which invariant: the name of its file. */
  readonly invariant: string;
  readonly atMs: number;
  readonly what: string;
}

/** Takes violations as they are found. */
export type Report = (invariant: string, what: string) => void;
