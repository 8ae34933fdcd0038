import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import type { AggregateHandler } from "../../../functions/aggregate/handler.ts";
import type { Caller, CrashMoment } from "./network.ts";

/** One delivery of a batch to a process. */
export interface Invocation {
  readonly id: string;
  readonly event: KinesisStreamEvent;
  readonly reject: (error: Error) => void;
}

/** The id of the invocation that sent a call, by the call's name. */
export const invocationOf = (call: string): string => call.slice(0, call.lastIndexOf("/"));

/** One process that Lambda runs: its own warm images and its own clock. A crash ends it, and a time limit retires it. */
export class ExecutionEnvironment implements Caller {
  isGone = false;
  /** No work is given to it any more: a release took its place, or its invocation ran past the limit. */
  isRetired = false;
  invocation: Invocation | null = null;
  /** How far its clock is off. */
  skewMs = 0;
  handler!: AggregateHandler;
  private calls = 0;

  constructor(
    readonly id: string,
    readonly options: {
      readonly timeoutMs: number;
      /** Which of the world's releases it runs. */
      readonly release: number;
      readonly isHasty: () => boolean;
      readonly isDrawnOut: () => boolean;
      readonly onCrash: (environment: ExecutionEnvironment, site: string, moment: CrashMoment) => void;
    },
  ) {}

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  isHasty(): boolean {
    return this.options.isHasty();
  }

  isDrawnOut(): boolean {
    return this.options.isDrawnOut();
  }

  nextCall(site: string): string {
    return `${this.invocation?.id ?? this.id}/${this.calls++}:${site}`;
  }

  crash(site: string, moment: CrashMoment): void {
    this.options.onCrash(this, site, moment);
    this.kill();
  }

  kill(): void {
    this.isGone = true;
    const { invocation } = this;
    this.invocation = null;
    invocation?.reject(new Error("Runtime exited with error: signal: killed"));
  }

  async run(invocation: Invocation, settle: (response: KinesisStreamBatchResponse) => void): Promise<void> {
    this.invocation = invocation;
    this.calls = 0;
    try {
      settle(await this.handler(invocation.event));
    } finally {
      this.invocation = null;
    }
  }
}
