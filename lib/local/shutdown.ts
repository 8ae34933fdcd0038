/** What to end when a runtime stops, last started first. */
export interface Shutdown {
  add(stop: () => unknown): void;
  /** Ends everything once; a second call waits for the first. One failure does not keep the rest from ending. */
  run(): Promise<void>;
}

export function createShutdown(): Shutdown {
  const stops: (() => unknown)[] = [];
  let running: Promise<void> | null = null;

  const stopAll = async () => {
    const failures: unknown[] = [];
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several parts could not be stopped");
  };
  return {
    add: (stop) => void stops.push(stop),
    run() {
      running ??= stopAll();
      return running;
    },
  };
}
