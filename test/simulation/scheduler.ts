import type { Clock } from "../../lib/engine/ports/clock.ts";
import type { Timer } from "../../lib/engine/ports/timer.ts";
import { hashText } from "./random.ts";

/** Something that will happen unless it is called off. */
export interface Pending {
  cancel(): void;
}

interface Entry extends Pending {
  readonly atMs: number;
  /** Breaks ties: who asked first. */
  readonly order: number;
  readonly label: string;
  run: (() => void) | null;
}

/** Thrown when a world does not come to its end: something waits for ever, or goes round in circles. */
export class Stuck extends Error {}

/**
 * Time of a simulation's own. Whatever real code waits for is pending here; the next to happen is that of the earliest
 * time, which the seed drew, and between two of them every promise that can go on does.
 */
export class Scheduler implements Clock, Timer {
  private readonly heap: Entry[] = [];
  private order = 0;
  private hash = 0;
  private timeMs: number;
  /** How many things have happened. */
  steps = 0;
  /** Told of everything that happens. */
  onStep: ((atMs: number, label: string) => void) | null = null;

  constructor(startMs: number) {
    this.timeMs = startMs;
  }

  now(): number {
    return Math.floor(this.timeMs);
  }

  /** Differs when anything happened at another time or in another order. */
  get traceHash(): string {
    return this.hash.toString(16).padStart(8, "0");
  }

  at(atMs: number, label: string, run: () => void): Pending {
    const entry: Entry = {
      atMs: Math.max(atMs, this.timeMs),
      order: this.order++,
      label,
      run,
      cancel() {
        entry.run = null;
      },
    };
    this.push(entry);
    return entry;
  }

  after(delayMs: number, label: string, run: () => void): Pending {
    return this.at(this.timeMs + delayMs, label, run);
  }

  sleep(ms: number, signal?: AbortSignal, label = "timer"): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        pending.cancel();
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const pending = this.after(ms, label, end);
      signal?.addEventListener("abort", end);
    });
  }

  /** Lets things happen until `done`. @throws Stuck when nothing is pending, or after too many steps or too late. */
  async runUntil(
    done: () => boolean,
    limit: { readonly steps: number; readonly untilMs: number },
  ): Promise<void> {
    await settled();
    while (!done()) {
      const next = this.pop();
      if (next === undefined) throw new Stuck("nothing is pending, and the world has not come to its end.");
      if (next.run === null) continue;
      if (++this.steps > limit.steps) throw new Stuck(`the world did not end within ${limit.steps} steps.`);
      if (next.atMs > limit.untilMs) throw new Stuck(`the world did not end until ${limit.untilMs}.`);
      this.timeMs = next.atMs;
      this.hash = hashText(`${next.atMs} ${next.label}`, this.hash);
      this.onStep?.(next.atMs, next.label);
      next.run();
      await settled();
    }
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): Entry | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

/** Node runs all promise jobs before it comes to an immediate: nothing but pending entries is left to wait for. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
