/** Time that some kind of work took, by the clock and of the processor: of all threads, garbage collection included. */
export class Spent {
  wallMs = 0;
  cpuMs = 0;

  /** Does the work and adds its time. */
  on<T>(work: () => T): T {
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    const result = work();
    this.wallMs += performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    this.cpuMs += (user + system) / 1000;
    return result;
  }
}
