import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { FreshetError } from "../../define/error.ts";
import type { Timer } from "../../engine/ports/timer.ts";
import { BatchBuffer } from "./batch-buffer.ts";
import { firstUnfinished } from "./batch-response.ts";
import { type EventRecord, kinesisEvent } from "./kinesis-event.ts";
import { createShardReader, type ShardAddress } from "./shard-reader.ts";
import { WakeSignal } from "./wake-signal.ts";

/** What Lambda would invoke. Throwing fails the whole batch; an answer may fail it from a record on. */
export type KinesisBatchHandler = (
  event: KinesisStreamEvent,
  // biome-ignore lint/suspicious/noConfusingVoidType: a Lambda handler that reports nothing returns void
) => Promise<KinesisStreamBatchResponse | null | undefined | void>;

/** Something that the poller will try again. */
export interface PollerFailure {
  readonly shardId: string;
  /** Whether reading the shard failed, or the handler. */
  readonly during: "read" | "handler";
  /** What was thrown; null when the handler reported records as unfinished. */
  readonly error: unknown;
  /** The first record that is tried again; null for a read. */
  readonly sequenceNumber: string | null;
  /** How many times in a row it has failed. */
  readonly attempt: number;
  readonly retryInMs: number;
}

export interface ShardPollerSettings {
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly maxPayloadBytes: number;
  readonly retryBackoffMs: { readonly first: number; readonly max: number };
  readonly idleBackoffMs: { readonly first: number; readonly max: number };
}

/** Counts of one shard since its poller started. */
export interface ShardPollerStats {
  readonly shardId: string;
  /** Records read from the shard, and of them handled with success. */
  readonly read: number;
  readonly handled: number;
  /** Invocations of the handler, and of them those that left records unfinished. */
  readonly invocations: number;
  readonly failedInvocations: number;
}

export interface ShardPoller {
  wake(): void;
  drained(): Promise<void>;
  stop(): Promise<void>;
  stats(): ShardPollerStats;
}

interface DrainRequest {
  /** How many records must have been handled; null until a read begun after the request has caught up. */
  handledCount: number | null;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Polls one shard: its records go to the handler in order, a batch at a time, and are retried until they succeed. */
export function startShardPoller(options: {
  readonly kinesis: KinesisClient;
  readonly shard: ShardAddress;
  /** A record that was handled, with all before it. @default none */
  readonly after?: string | undefined;
  readonly handler: KinesisBatchHandler;
  readonly settings: ShardPollerSettings;
  readonly timer: Timer;
  readonly onFailure: (failure: PollerFailure) => void;
  readonly onHandled: (handled: { shardId: string; sequenceNumber: string; count: number }) => void;
}): ShardPoller {
  const { handler, settings, timer, onFailure, onHandled } = options;
  const { shardId } = options.shard;
  const read = createShardReader({ ...options, limit: settings.batchSize });
  const buffer = new BatchBuffer(settings);
  const signal = new WakeSignal(timer);
  const stopping = new AbortController();
  const counts = { read: 0, handled: 0, invocations: 0, failedInvocations: 0 };
  let drains: DrainRequest[] = [];
  let ended = false;
  let readFailures = 0;
  let emptyReads = 0;

  const pause = (ms: number) => timer.sleep(ms, stopping.signal);

  function settleDrains(): void {
    const open: DrainRequest[] = [];
    for (const drain of drains) {
      const { handledCount } = drain;
      if (handledCount !== null && handledCount <= counts.handled) drain.resolve();
      else open.push(drain);
    }
    drains = open;
  }

  /** Reads once into the buffer; sleeps after an empty or failed read. */
  async function fill(): Promise<void> {
    signal.reset();
    const asked = drains.filter(({ handledCount }) => handledCount === null);
    let found: Awaited<ReturnType<typeof read>>;
    try {
      found = await read();
    } catch (error) {
      const retryInMs = backoffMs(settings.retryBackoffMs, readFailures);
      readFailures++;
      onFailure({ shardId, during: "read", error, sequenceNumber: null, attempt: readFailures, retryInMs });
      await pause(retryInMs);
      return;
    }
    readFailures = 0;
    buffer.push(found.records);
    counts.read += found.records.length;
    ended = found.ended;
    if (found.caughtUp || found.ended) for (const drain of asked) drain.handledCount = counts.read;
    settleDrains();
    if (found.records.length > 0) {
      emptyReads = 0;
    } else if (!ended && !stopping.signal.aborted) {
      await signal.sleep(backoffMs(settings.idleBackoffMs, emptyReads));
      emptyReads++;
    }
  }

  /** Waits for the batch to fill, at most for the batching window; a drain does not wait. */
  async function fillWithinWindow(): Promise<void> {
    let windowOver = false;
    const windowLeft = new AbortController();
    void timer.sleep(settings.batchingWindowMs, windowLeft.signal).then(() => {
      if (windowLeft.signal.aborted) return;
      windowOver = true;
      signal.notify();
    });
    try {
      const isOver = () =>
        windowOver || buffer.isFull || ended || drains.length > 0 || stopping.signal.aborted;
      while (!isOver()) await fill();
    } finally {
      windowLeft.abort();
    }
  }

  async function deliver(batch: readonly EventRecord[]): Promise<void> {
    let rest = batch;
    let attempt = 0;
    while (rest.length > 0 && !stopping.signal.aborted) {
      counts.invocations++;
      let finished = 0;
      let error: unknown = null;
      try {
        finished = firstUnfinished(rest, (await handler(kinesisEvent(rest))) ?? null);
      } catch (thrown) {
        error = thrown;
      }
      if (finished > 0) {
        counts.handled += finished;
        onHandled({
          shardId,
          sequenceNumber: rest[finished - 1]!.record.kinesis.sequenceNumber,
          count: finished,
        });
        settleDrains();
        rest = rest.slice(finished);
        attempt = 0;
      }
      if (rest.length === 0) return;
      counts.failedInvocations++;
      const retryInMs = backoffMs(settings.retryBackoffMs, attempt);
      attempt++;
      const { sequenceNumber } = rest[0]!.record.kinesis;
      onFailure({ shardId, during: "handler", error, sequenceNumber, attempt, retryInMs });
      await pause(retryInMs);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted && !(ended && buffer.size === 0)) {
      if (buffer.size === 0) await fill();
      if (buffer.size === 0) continue;
      if (settings.batchingWindowMs > 0) await fillWithinWindow();
      await deliver(buffer.take());
    }
  }

  const running = run();
  return {
    wake: () => signal.notify(),
    drained: () =>
      new Promise((resolve, reject) => {
        if (stopping.signal.aborted) reject(notDrained(shardId));
        else if (ended && counts.handled === counts.read) resolve();
        else {
          drains.push({ handledCount: ended ? counts.read : null, resolve, reject });
          signal.notify();
        }
      }),
    async stop() {
      stopping.abort();
      signal.notify();
      await running;
      for (const drain of drains) drain.reject(notDrained(shardId));
      drains = [];
    },
    stats: () => ({ shardId, ...counts }),
  };
}

function backoffMs({ first, max }: { first: number; max: number }, failures: number): number {
  return Math.min(max, first * 2 ** Math.min(failures, 30));
}

function notDrained(shardId: string): FreshetError {
  return new FreshetError(
    "STREAM_UNAVAILABLE",
    `the poller of ${shardId} was stopped before everything put was handled.`,
  );
}
