import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Check, type Deviations, endedBy } from "./check.ts";

/** What a suite is run against. */
export interface Subject {
  /** After each check. */
  cleanUp(): Promise<void>;
  stop(): Promise<void>;
}

const NONE: Deviations = {};

/** Starts a server, and holds it to every check, or to the deviation that it is declared with: one that is mended fails too. */
export function holdServer<Started extends Subject>(options: {
  /** What the checks are about. */
  readonly name: string;
  readonly server: string;
  readonly checks: readonly Check<Started>[];
  /** By the name of a server; one that is not here deviates nowhere. */
  readonly deviations: Readonly<Record<string, Deviations>>;
  readonly start: () => Promise<Started>;
}): void {
  const { name, server, checks, start } = options;
  const deviations = options.deviations[server] ?? NONE;
  let subject: Started;
  describe(`${name}: ${server}`, () => {
    beforeAll(async () => {
      subject = await start();
    });
    afterEach(() => subject?.cleanUp());
    afterAll(() => subject?.stop());
    for (const { title, observe, expected } of checks) {
      const deviation = deviations[title];
      const named = deviation === undefined ? title : `${title} (deviates: ${deviation.because})`;
      it(named, async ({ skip }) => {
        const observed = await observe(subject).catch(exceptionOfServer);
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

/** An answer of the server's is an observation; anything else that goes wrong fails the check. */
function exceptionOfServer(error: unknown): string {
  if (error instanceof Error && "$fault" in error) return endedBy(error.name);
  throw error;
}
