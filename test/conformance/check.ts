import { describe, expect, it } from "vitest";

/**
 * One thing that the store or the poller relies on: something is done to a server, and what is observed is data, which
 * equals what AWS documents.
 */
export interface Check<Subject> {
  /** The deviations of a server go by it. */
  readonly title: string;
  /** What was observed. Null where the subject cannot be brought to it (a clock that cannot be moved): then it is skipped. */
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

/** Holds a server to every check, or to the deviation that it is declared with: one that is mended fails too. */
export function runChecks<Subject>(options: {
  readonly server: string;
  readonly checks: readonly Check<Subject>[];
  readonly deviations: Deviations;
  readonly subject: () => Subject;
}): void {
  const { server, checks, deviations, subject } = options;
  describe(server, () => {
    for (const { title, observe, expected } of checks) {
      const deviation = deviations[title];
      const name = deviation === undefined ? title : `${title} (deviates: ${deviation.because})`;
      it(name, async ({ skip }) => {
        const observed = await observe(subject());
        if (observed === null) return skip("this server cannot be brought to it");
        expect(observed).toEqual(deviation === undefined ? expected : deviation.observed);
      });
    }
    it("deviates only where there is a check, and from what is expected", () => {
      for (const [title, { observed }] of Object.entries(deviations)) {
        const check = checks.find((candidate) => candidate.title === title);
        expect(check, title).toBeDefined();
        expect(observed, title).not.toEqual(check!.expected);
      }
    });
  });
}

/** The name of the exception that a call ends with, or `answered`. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "answered";
  } catch (error) {
    return (error as Error).name;
  }
}
