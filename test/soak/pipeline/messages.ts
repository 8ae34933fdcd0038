import type { ViewCounts } from "../../../lib/online/counts.ts";

/** What the pipeline's process is asked, by name, and answers. */
export interface PipelineCalls {
  /** Collects garbage, and measures. */
  sample(): Promise<ProcessSample>;
  /** Records that were handled, but for heartbeats. */
  handled(): Promise<number>;
  /**
   * Stops the pipeline's clock, so that everything is read as of one time. Resolves to that, in epoch milliseconds, when
   * everything put before has been folded or set aside, and freshness says so.
   */
  settle(): Promise<number>;
  /** What became of every record, by view, from items and objects alone. */
  counts(): Promise<Readonly<Record<string, ViewCounts>>>;
  stop(): Promise<void>;
}

/** Memory of the pipeline's process, after garbage was collected, and the data of the servers inside it. Bytes. */
export interface ProcessSample {
  /** As the system counts it: with what V8 keeps for later. */
  readonly rssBytes: number;
  /** Live objects. */
  readonly heapBytes: number;
  /** Live buffers and the like, outside V8's heap. */
  readonly externalBytes: number;
  /** What dynalite holds: keys and values. */
  readonly tableEntries: number;
  readonly tableBytes: number;
  /** What kinesalite holds: keys and values. */
  readonly streamEntries: number;
  readonly streamBytes: number;
  /** CPU time since the process began. */
  readonly cpuMs: number;
}

export interface CallMessage {
  readonly id: number;
  readonly call: keyof PipelineCalls;
}

export type AnswerMessage =
  | { readonly kind: "started"; readonly url: string; readonly kinesis: string; readonly streamName: string }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number | null; readonly message: string };
