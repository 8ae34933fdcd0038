/** Waiting, injected as the clock is: a simulation runs it on time of its own. */
export interface Timer {
  /** Resolves after `ms` milliseconds, or as soon as the signal is aborted: the caller looks at it. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's timer. */
export const systemTimer: Timer = {
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        clearTimeout(timeout);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timeout = setTimeout(end, ms);
      signal?.addEventListener("abort", end);
    }),
};
