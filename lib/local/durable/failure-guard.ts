/** Lets work be given up once something has failed for good. */
export interface FailureGuard {
  /** Why; null while all is well. */
  readonly failure: Error | null;
  fail(error: Error): void;
  /** The work's own result, or the failure if that comes first or has come. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createFailureGuard(): FailureGuard {
  const waiting = new Set<(error: Error) => void>();
  let failure: Error | null = null;
  return {
    get failure() {
      return failure;
    },
    fail(error) {
      if (failure !== null) return;
      failure = error;
      for (const reject of waiting) reject(error);
    },
    async run(work) {
      if (failure !== null) throw failure;
      let giveUp: (error: Error) => void = () => {};
      const given = new Promise<never>((_, reject) => {
        giveUp = reject;
      });
      waiting.add(giveUp);
      try {
        return await Promise.race([work(), given]);
      } finally {
        waiting.delete(giveUp);
      }
    },
  };
}
