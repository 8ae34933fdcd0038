/** Elapsed real time in milliseconds from any origin: measures requests, also where the clock is a replay's. */
export type Stopwatch = () => number;

/** The machine's monotonic clock. */
export const systemStopwatch: Stopwatch = () => performance.now();
