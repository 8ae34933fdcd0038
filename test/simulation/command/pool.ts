import { Worker } from "node:worker_threads";
import type { Request, Response } from "./worker.ts";

/** Workers that answer one request each at a time. */
export class Pool {
  private readonly idle: Worker[];
  private readonly all: readonly Worker[];
  private readonly waiting: ((worker: Worker) => void)[] = [];

  constructor(bundle: string, size: number) {
    this.all = Array.from({ length: size }, () => new Worker(bundle));
    this.idle = [...this.all];
  }

  async ask<Kind extends Request["kind"]>(
    request: Extract<Request, { kind: Kind }>,
  ): Promise<Extract<Response, { kind: Kind }>> {
    const worker = this.idle.pop() ?? (await new Promise<Worker>((resolve) => this.waiting.push(resolve)));
    try {
      return await new Promise((resolve, reject) => {
        const settle = (take: () => void) => {
          worker.off("message", onMessage);
          worker.off("error", onError);
          take();
        };
        const onMessage = (response: Extract<Response, { kind: Kind }>) => settle(() => resolve(response));
        const onError = (error: Error) => settle(() => reject(error));
        worker.on("message", onMessage);
        worker.on("error", onError);
        worker.postMessage(request);
      });
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.idle.push(worker);
      else next(worker);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((worker) => worker.terminate()));
  }
}
