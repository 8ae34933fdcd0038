import type { Clock } from "../engine/ports/clock.ts";
import type { Timer } from "../engine/ports/timer.ts";

interface Wait {
  readonly atMs: number;
  readonly end: () => void;
}

/** Time that stands still until it is moved. What waits on it goes on when its moment comes, earliest first. */
export class FakeTime implements Clock, Timer {
  private waits: Wait[] = [];

  constructor(private nowMs: number) {}

  now(): number {
    return this.nowMs;
  }

  /** When the next wait ends; infinity when nothing waits. */
  get nextMs(): number {
    return this.waits.reduce((earliest, { atMs }) => Math.min(earliest, atMs), Number.POSITIVE_INFINITY);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        this.waits = this.waits.filter((other) => other !== wait);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const wait: Wait = { atMs: this.nowMs + Math.max(0, ms), end };
      this.waits.push(wait);
      signal?.addEventListener("abort", end);
    });
  }

  /** Moves the time on, never back, and ends the waits that are over by then. */
  moveTo(ms: number): void {
    this.nowMs = Math.max(this.nowMs, ms);
    const over = this.waits.filter(({ atMs }) => atMs <= this.nowMs).sort((a, b) => a.atMs - b.atMs);
    for (const { end } of over) end();
  }
}
