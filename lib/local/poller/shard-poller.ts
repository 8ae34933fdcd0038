import { backoffMs } from "../../online/backoff.ts";
import { BatchBuffer } from "./batch-buffer.ts";
import { createBatchDelivery, type DeliveryCounts } from "./batch-delivery.ts";
import { DrainRequests, notDrained } from "./drain-requests.ts";
import type { MappingSettings } from "./mapping-options.ts";
import { createShardReader, type ShardAddress, type ShardRead } from "./shard-reader.ts";
import type { ShardPosition } from "./starting-position.ts";
import { WakeSignal } from "./wake-signal.ts";

/** Counts of one shard since its poller started. */
export interface ShardPollerStats extends DeliveryCounts {
  readonly shardId: string;
  /** Records read from the shard. */
  readonly read: number;
}

export interface ShardPoller {
  wake(): void;
  /** Resolves when everything put before, or with `untilEnd` everything there will ever be, is done with. */
  drained(options: { readonly untilEnd: boolean }): Promise<void>;
  /** Resolves to true once the shard is closed and all its records are done with, to false when it was stopped first. */
  readonly finished: Promise<boolean>;
  stop(): Promise<void>;
  stats(): ShardPollerStats;
}

/** Polls one shard: its records go to the handler in order, a batch at a time. */
export function startShardPoller(options: {
  readonly shard: ShardAddress;
  readonly from: ShardPosition;
  readonly settings: MappingSettings;
}): ShardPoller {
  const { shard, from, settings } = options;
  const { kinesis, clock, timer, batchSize, onFailure } = settings;
  const { shardId } = shard;
  const read = createShardReader({ kinesis, shard, limit: batchSize, from, clock });
  const buffer = new BatchBuffer(settings);
  const signal = new WakeSignal(timer);
  const stopping = new AbortController();
  const drains = new DrainRequests();
  const delivery = createBatchDelivery({
    shard,
    settings,
    stopping: stopping.signal,
    onAdvance: settleDrains,
  });
  let readCount = 0;
  let ended = false;
  let readFailures = 0;
  let emptyReads = 0;

  function settleDrains(): void {
    drains.settle(delivery.counts.handled + delivery.counts.discarded);
  }

  /** Reads once into the buffer; sleeps after an empty or failed read. */
  async function fill(): Promise<void> {
    signal.reset();
    const answerDrains = drains.beginRead();
    let found: ShardRead;
    try {
      found = await read();
    } catch (error) {
      const retryInMs = backoffMs(settings.retryBackoffMs, readFailures);
      readFailures++;
      onFailure({ shardId, during: "read", error, sequenceNumber: null, attempt: readFailures, retryInMs });
      await timer.sleep(retryInMs, stopping.signal);
      return;
    }
    readFailures = 0;
    buffer.push(found.records);
    readCount += found.records.length;
    ended = found.ended;
    answerDrains({ ...found, readCount });
    settleDrains();
    if (found.records.length > 0) {
      emptyReads = 0;
    } else if (!ended && !stopping.signal.aborted) {
      await signal.sleep(backoffMs(settings.idleBackoffMs, drains.waiting ? 0 : emptyReads));
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
      const isOver = () => windowOver || buffer.isFull || ended || drains.waiting || stopping.signal.aborted;
      while (!isOver()) await fill();
    } finally {
      windowLeft.abort();
    }
  }

  async function run(): Promise<boolean> {
    while (!stopping.signal.aborted && !(ended && buffer.size === 0)) {
      if (buffer.size === 0) await fill();
      if (buffer.size === 0) continue;
      if (settings.batchingWindowMs > 0) await fillWithinWindow();
      await delivery.deliver(buffer.take());
    }
    return !stopping.signal.aborted;
  }

  const finished = run();
  let isFinished = false;
  void finished.then(() => {
    isFinished = true;
  });
  return {
    finished,
    wake: () => signal.notify(),
    async drained({ untilEnd }) {
      if (stopping.signal.aborted) throw notDrained(shardId);
      if (isFinished) return;
      const draining = drains.add({ untilEnd, readCount: ended ? readCount : null });
      settleDrains();
      signal.notify();
      await draining;
    },
    async stop() {
      stopping.abort();
      signal.notify();
      await finished;
      drains.reject(notDrained(shardId));
    },
    stats: () => ({ shardId, read: readCount, ...delivery.counts }),
  };
}
