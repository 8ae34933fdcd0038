import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { systemTimer, type Timer } from "../../engine/ports/timer.ts";
import { listShards } from "../list-shards.ts";
import { requireWholeNumber } from "../runtime-options.ts";
import { MAX_PAYLOAD_BYTES } from "./kinesis-event.ts";
import {
  type KinesisBatchHandler,
  type PollerFailure,
  type ShardPollerSettings,
  type ShardPollerStats,
  startShardPoller,
} from "./shard-poller.ts";

/** What Lambda allows. */
export const MAX_BATCH_SIZE = 10_000;
export const MAX_BATCHING_WINDOW_MS = 300_000;

export interface EventSourceMappingOptions {
  readonly kinesis: KinesisClient;
  readonly streamName: string;
  readonly streamArn: string;
  readonly handler: KinesisBatchHandler;
  /** The most records of a batch, 1 to 10,000. @default 100 */
  readonly batchSize?: number;
  /** How long a batch may wait to fill, 0 to 300,000 ms. @default 0 */
  readonly batchingWindowMs?: number;
  /** The largest event of an invocation, as JSON. @default 6 MiB, as Lambda's */
  readonly maxPayloadBytes?: number;
  /** How long a failed batch or read waits to be tried again: doubling from first to max. @default 50 to 1,000 ms */
  readonly retryBackoffMs?: { readonly first: number; readonly max: number };
  /** How long an idle shard is left alone unless woken: doubling from first to max. @default 10 to 500 ms */
  readonly idleBackoffMs?: { readonly first: number; readonly max: number };
  /** What every wait goes through. @default the machine's */
  readonly timer?: Timer;
  /** Told of everything that will be tried again. */
  readonly onFailure: (failure: PollerFailure) => void;
  /** By shard, the record that it was handled through before: what follows is handed on. @default from the oldest on */
  readonly checkpoints?: ReadonlyMap<string, string>;
  /** Told of each run of records that has been handled, by its last. */
  readonly onHandled?: (handled: { shardId: string; sequenceNumber: string; count: number }) => void;
}

/** A stream's records on their way to a handler. */
export interface EventSourceMapping {
  /** Says that something was put: idle shards are read at once. */
  wake(): void;
  /**
   * Resolves when everything put before the call has been handled with success. It does not wait for a batching window.
   * @throws FreshetError `STREAM_UNAVAILABLE` when the mapping is stopped first.
   */
  drained(): Promise<void>;
  /** Waits for the invocations under way, and begins none. */
  stop(): Promise<void>;
  stats(): readonly ShardPollerStats[];
}

/**
 * Hands a stream's records to a handler as Lambda's event source mapping does: from the oldest record on, one batch a
 * shard at a time, in order; shards side by side; from the lowest failed record on again, without limit.
 *
 * @throws FreshetError `OPTION_INVALID` for a batch size, window or payload that Lambda would refuse.
 *
 * @example
 * ```ts
 * const mapping = await startEventSourceMapping({
 *   kinesis, streamName: "orders", streamArn, batchSize: 500,
 *   handler: async (event) => { console.log(event.Records.length); },
 *   onFailure: (failure) => console.error(failure),
 * });
 * await mapping.drained();
 * await mapping.stop();
 * ```
 */
export async function startEventSourceMapping(
  options: EventSourceMappingOptions,
): Promise<EventSourceMapping> {
  const settings: ShardPollerSettings = {
    batchSize: options.batchSize ?? 100,
    batchingWindowMs: options.batchingWindowMs ?? 0,
    maxPayloadBytes: options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES,
    retryBackoffMs: options.retryBackoffMs ?? { first: 50, max: 1_000 },
    idleBackoffMs: options.idleBackoffMs ?? { first: 10, max: 500 },
  };
  requireWholeNumber("batchSize", settings.batchSize, 1, MAX_BATCH_SIZE);
  requireWholeNumber("batchingWindowMs", settings.batchingWindowMs, 0, MAX_BATCHING_WINDOW_MS);
  requireWholeNumber("maxPayloadBytes", settings.maxPayloadBytes, 1, MAX_PAYLOAD_BYTES);

  const {
    kinesis,
    streamName,
    streamArn,
    handler,
    onFailure,
    onHandled = () => {},
    checkpoints,
    timer = systemTimer,
  } = options;
  const shards = await listShards(kinesis, streamName);
  const pollers = shards.map(({ shardId }) =>
    startShardPoller({
      kinesis,
      shard: { streamName, streamArn, shardId },
      after: checkpoints?.get(shardId),
      handler,
      settings,
      timer,
      onFailure,
      onHandled,
    }),
  );
  return {
    wake: () => {
      for (const poller of pollers) poller.wake();
    },
    drained: async () => {
      await Promise.all(pollers.map((poller) => poller.drained()));
    },
    stop: async () => {
      await Promise.all(pollers.map((poller) => poller.stop()));
    },
    stats: () => pollers.map((poller) => poller.stats()),
  };
}
