import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { decodeHeartbeat } from "../engine/heartbeat.ts";
import type { FaultInjector } from "./faults/fault-injector.ts";
import type { TableCaller } from "./faults/faulty-table.ts";

type Handler = (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse>;

/** The aggregator as the event source mapping invokes it: one process at a time, warm until it dies. */
export interface FoldingFunction {
  readonly invoke: Handler;
  /** From now on no batch is handed to it. */
  pause(): void;
  resume(): void;
  readonly isPaused: boolean;
}

export function createFoldingFunction(options: {
  /** Starts a process, told by its name and with itself as the table sees it. */
  readonly start: (name: string, caller: TableCaller) => Handler;
  readonly faults: FaultInjector;
  /** Told of a batch that is given up, if that is to be noticed. */
  readonly onLost: (event: KinesisStreamEvent) => Promise<void>;
}): FoldingFunction {
  const { start, faults, onLost } = options;
  let processes = 0;
  let process: Process | null = null;
  let gate: { readonly opened: Promise<void>; readonly open: () => void } | null = null;

  return {
    async invoke(event) {
      await gate?.opened;
      const holdsEvents = event.Records.some(({ kinesis }) => !isHeartbeat(kinesis.data));
      const loss = holdsEvents ? faults.take("lost-batch") : null;
      if (loss !== null) {
        if (loss.noticed !== false) await onLost(event);
        return { batchItemFailures: [] };
      }
      if (process === null || process.isGone) process = new Process(`test-process-${++processes}`, start);
      const response = await process.run(event);
      if (holdsEvents && faults.take("redelivery") !== null)
        throw new Error("the invocation's answer was lost");
      return response;
    },
    pause() {
      if (gate !== null) return;
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      gate = { opened, open };
    },
    resume() {
      gate?.open();
      gate = null;
    },
    get isPaused() {
      return gate !== null;
    },
  };
}

class Process implements TableCaller {
  isGone = false;
  private readonly handler: Handler;
  private readonly invocations = new Set<(error: Error) => void>();

  constructor(name: string, start: (name: string, caller: TableCaller) => Handler) {
    this.handler = start(name, this);
  }

  run(event: KinesisStreamEvent): Promise<KinesisStreamBatchResponse> {
    return new Promise((resolve, reject) => {
      this.invocations.add(reject);
      this.handler(event)
        .then(resolve, reject)
        .finally(() => this.invocations.delete(reject));
    });
  }

  die(): void {
    this.isGone = true;
    for (const reject of this.invocations) reject(new Error("Runtime exited with error: signal: killed"));
  }
}

const isHeartbeat = (base64: string): boolean => decodeHeartbeat(Buffer.from(base64, "base64")) !== null;
