/** At least so many calls are timed together: a call of a microsecond is far below what can be told. */
const SHORTEST_MS = 5;

/**
 * Microseconds of processor time a call, all threads of the process, of one run of calls that lasts at least `leastMs` of
 * it: on a busy machine the clock tells what others do. `work` answers something that depends on what it did, so that
 * none of it can be left out.
 */
export function cpuMicrosecondsPerCall(work: (call: number) => number, leastMs: number): number {
  let calls = 0;
  let kept = 0;
  let block = 1;
  const before = process.cpuUsage();
  for (;;) {
    for (let i = 0; i < block; i++) kept += work(calls + i);
    calls += block;
    const { user, system } = process.cpuUsage(before);
    const elapsedMs = (user + system) / 1000;
    if (elapsedMs >= leastMs) {
      if (Number.isNaN(kept)) throw new Error("the work that was measured answered no number.");
      return (elapsedMs * 1000) / calls;
    }
    if (elapsedMs < SHORTEST_MS) block *= 2;
  }
}
