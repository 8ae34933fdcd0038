/** Lets a loop sleep until it is notified. A notice given while the loop is busy is kept for its next sleep. */
export class WakeSignal {
  private notified = false;
  private wakeSleeper: (() => void) | null = null;

  notify(): void {
    this.notified = true;
    this.wakeSleeper?.();
  }

  /** Forgets earlier notices: what the loop does next answers them. */
  reset(): void {
    this.notified = false;
  }

  /** Resolves after `ms`, or as soon as there is a notice since the last reset. */
  sleep(ms: number): Promise<void> {
    if (this.notified) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wakeSleeper?.(), ms);
      this.wakeSleeper = () => {
        clearTimeout(timer);
        this.wakeSleeper = null;
        resolve();
      };
    });
  }
}
