/** Exit code after Ctrl-C, by convention. */
export const INTERRUPTED = 130;

const LOOK_EVERY_MS = 500;

/**
 * A signal that is aborted by Ctrl-C and SIGTERM, and when the process that started this one is gone: npm passes on no
 * SIGTERM, and would leave the replay running. A second Ctrl-C does not wait for a clean end.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(INTERRUPTED);
      stop.abort();
    });
  }
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid !== parent) stop.abort();
  }, LOOK_EVERY_MS);
  look.unref();
  stop.signal.addEventListener("abort", () => clearInterval(look));
  return stop.signal;
}
