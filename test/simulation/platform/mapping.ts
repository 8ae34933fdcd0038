import type { KinesisStreamEvent } from "aws-lambda";
import type { EventSourceMapping } from "../../../lib/local/poller/event-source-mapping.ts";
import { startEventSourceMapping } from "../../../lib/local/poller/event-source-mapping.ts";
import type { InvocationRecord } from "../../../lib/local/poller/invocation-record.ts";
import type { KinesisBatchHandler } from "../../../lib/local/poller/kinesis-batch-handler.ts";
import type { StartingPosition } from "../../../lib/local/poller/starting-position.ts";
import { asKinesisClient } from "../../../lib/testing/models/clients.ts";
import type { Scheduler } from "../scheduler.ts";
import type { WorldPlan } from "../world/world-plan.ts";
import type { Caller } from "./network.ts";
import type { RecordLog } from "./record-log.ts";
import { STREAM, type StreamPlatform, streamOf } from "./stream.ts";

export interface MappingOptions {
  readonly plan: WorldPlan;
  readonly scheduler: Scheduler;
  readonly stream: StreamPlatform;
  readonly streamArn: string;
  readonly log: RecordLog;
  readonly handler: KinesisBatchHandler;
  readonly onDiscarded: (record: InvocationRecord, event: KinesisStreamEvent) => void;
}

/** Retries of a batch in a world that loses some. */
const RETRIES_BEFORE_LOSS = 3;

/** The event source mapping, that of the local runtime, and the positions it has come to. */
export class Mapping {
  /** By shard, how far it was handled; those of mappings before this one are forgotten. */
  readonly reached = new Map<string, string>();
  private readonly before: Map<string, string>[] = [];
  private running: Promise<EventSourceMapping> | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: MappingOptions) {}

  start(startingPosition: StartingPosition = { type: "TRIM_HORIZON" }): void {
    const { plan, scheduler, stream, streamArn, handler, onDiscarded } = this.options;
    const { reached } = this;
    let calls = 0;
    const name = `m${this.before.length}`;
    const caller: Caller = { isGone: false, nextCall: (site) => `${name}/${calls++}:${site}` };
    this.running = this.retried(() =>
      startEventSourceMapping({
        kinesis: asKinesisClient(streamOf(stream, caller)),
        streamName: STREAM,
        streamArn,
        handler,
        batchSize: plan.batchSize,
        batchingWindowMs: plan.batchingWindowMs,
        bisectBatchOnFunctionError: plan.rates["bisected-batch"] !== undefined,

        onFailureDestination: onDiscarded,
        ...(plan.rates["lost-batch"] === undefined ? {} : { maximumRetryAttempts: RETRIES_BEFORE_LOSS }),
        startingPosition,
        idleBackoffMs: { first: 30_000, max: 480_000 },
        retryBackoffMs: { first: 200, max: 20_000 },
        timer: scheduler,
        clock: scheduler,
        checkpoints: {
          after: (shardId) => reached.get(shardId),
          advance: (shardId, sequenceNumber) => {
            reached.set(shardId, sequenceNumber);
          },
        },
        onFailure: () => {},
      }),
    );
    this.before.push(new Map(reached));
  }

  /** Says that something was put. */
  wake(): void {
    void this.running?.then((mapping) => mapping.wake());
  }

  /** Stops it, does something while no batch is handed on, and starts it again. */
  pausedFor(work: () => Promise<StartingPosition | undefined>): Promise<void> {
    const paused = this.turn.then(async () => {
      await (await this.running)?.stop();
      this.running = null;
      this.start(await work());
    });
    this.turn = paused;
    return paused;
  }

  /** Resolves when all that was put has been handled. */
  async drained(): Promise<void> {
    for (;;) {
      const { turn } = this;
      await turn;
      try {
        await (await this.running)?.drained();
      } catch (error) {
        if (this.turn === turn) throw error;
        continue;
      }
      if (this.turn === turn) return;
    }
  }

  async stop(): Promise<void> {
    await this.turn;
    await (await this.running)?.stop();
  }

  /** AWS creates a mapping whether or not Kinesis answers at that moment. */
  private async retried<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch {
        await this.options.scheduler.sleep(1_000);
      }
    }
  }
}
