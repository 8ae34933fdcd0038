import { FreshetError } from "../../define/error.ts";

interface DrainRequest {
  /** How many records must be done with; null until a read begun after the request has caught up. */
  readCount: number | null;
  readonly untilEnd: boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Those who wait until a shard's records are done with. */
export class DrainRequests {
  private open: DrainRequest[] = [];

  get waiting(): boolean {
    return this.open.length > 0;
  }

  /**
   * @param options.untilEnd - Whether to wait for the shard's end, beyond what had been put.
   * @param options.readCount - How many records there are, where that is known.
   */
  add(options: { readonly untilEnd: boolean; readonly readCount: number | null }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.open.push({ ...options, resolve, reject });
    });
  }

  /** Begins a read; what comes back is told what it found. */
  beginRead(): (found: { caughtUp: boolean; ended: boolean; readCount: number }) => void {
    const asked = this.open.filter(({ readCount }) => readCount === null);
    return ({ caughtUp, ended, readCount }) => {
      // After the last read there is no other to answer those that came during it.
      const answered = ended ? this.open : caughtUp ? asked.filter(({ untilEnd }) => !untilEnd) : [];
      for (const request of answered) request.readCount ??= readCount;
    };
  }

  /** Answers those whose records are among the first `doneCount`. */
  settle(doneCount: number): void {
    const open: DrainRequest[] = [];
    for (const request of this.open) {
      if (request.readCount !== null && request.readCount <= doneCount) request.resolve();
      else open.push(request);
    }
    this.open = open;
  }

  reject(reason: unknown): void {
    for (const request of this.open) request.reject(reason);
    this.open = [];
  }
}

export function notDrained(shardId: string): FreshetError {
  return new FreshetError(
    "STREAM_UNAVAILABLE",
    `the poller of ${shardId} was stopped before everything put was handled.`,
  );
}
