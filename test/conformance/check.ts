import type { AwsPage } from "./aws-pages.ts";

/**
 * One thing that the store or the poller relies on: something is done to a server, and what is observed is data, which
 * equals what AWS documents.
 */
export interface Check<Subject> {
  /** The deviations of a server go by it. */
  readonly title: string;
  readonly documented: AwsPage;
  /**
   * What was observed; an exception of the server's that ends it counts as {@link endedBy}. Null where the subject cannot be
   * brought to it (a clock that cannot be moved): then it is skipped.
   */
  readonly observe: (subject: Subject) => Promise<unknown>;
  readonly expected: unknown;
}

/** Where a server is known to differ: what is observed there instead, which must go on being so. */
export interface Deviation {
  readonly observed: unknown;
  readonly because: string;
}

/** By the titles of checks. */
export type Deviations = Readonly<Record<string, Deviation>>;

/** What is observed of a check that the server would not let come to its end. */
export const endedBy = (exception: string): string => `ended by ${exception}`;

/** The name of the exception that a call ends with, or `answered`. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "answered";
  } catch (error) {
    return (error as Error).name;
  }
}
