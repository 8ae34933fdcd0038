/** Signals by which a machine or a platform asks a process to end. */
export type StopSignal = "SIGTERM" | "SIGINT";

/** The part of `process` that is used here. */
export interface SignalledProcess {
  /** Adds a listener. */
  on(signal: StopSignal, listener: () => void): unknown;
  /** Removes it. */
  off(signal: StopSignal, listener: () => void): unknown;
  /** Ends the process. */
  exit(code: number): void;
}

/**
 * Ends the process in order when it is asked to: `stop` first, which finishes what was accepted, then exit with 0, or
 * with 1 where stopping failed. A second signal does not wait.
 *
 * @returns takes the handlers away again.
 * @example
 * ```ts
 * const admission = createAdmission(DEFAULT_LIMITS);
 * const server = serve({ fetch: createServeApp({ ...options, admission }).fetch, port: 8080 });
 * stopOnSignal({ stop: () => admission.drain().finally(() => server.close()), onFailure: console.error });
 * ```
 */
export function stopOnSignal(options: {
  readonly stop: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
  /** @default ["SIGTERM"] */
  readonly signals?: readonly StopSignal[];
  /** @default the process itself */
  readonly process?: SignalledProcess;
}): () => void {
  const { stop, onFailure, signals = ["SIGTERM"], process: target = process } = options;
  let asked = false;
  const listener = () => {
    if (asked) return target.exit(1);
    asked = true;
    stop().then(
      () => target.exit(0),
      (error: unknown) => {
        onFailure(error);
        target.exit(1);
      },
    );
  };
  for (const signal of signals) target.on(signal, listener);
  return () => {
    for (const signal of signals) target.off(signal, listener);
  };
}
