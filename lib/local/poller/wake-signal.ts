import type { Timer } from "../../engine/ports/timer.ts";

/** Lets a loop sleep until it is notified. A notice given while the loop is busy is kept for its next sleep. */
export class WakeSignal {
  private readonly timer: Timer;
  private notified = false;
  private wakeSleeper: (() => void) | null = null;

  constructor(timer: Timer) {
    this.timer = timer;
  }

  notify(): void {
    this.notified = true;
    this.wakeSleeper?.();
  }

  /** Forgets earlier notices: what the loop does next answers them. */
  reset(): void {
    this.notified = false;
  }

  /** Resolves after `ms`, or as soon as there is a notice since the last reset. */
  async sleep(ms: number): Promise<void> {
    if (this.notified) return;
    const woken = new AbortController();
    this.wakeSleeper = () => woken.abort();
    await this.timer.sleep(ms, woken.signal);
    this.wakeSleeper = null;
  }
}
