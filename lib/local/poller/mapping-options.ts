import { FreshetError } from "../../define/error.ts";
import { type Clock, systemClock } from "../../engine/ports/clock.ts";
import { systemTimer, type Timer } from "../../engine/ports/timer.ts";
import type { Backoff } from "../../online/backoff.ts";
import { requireWholeNumber } from "../runtime-options.ts";
import { type Checkpoints, memoryCheckpoints } from "./checkpoints.ts";
import type { OnFailureDestination } from "./invocation-record.ts";
import type { KinesisBatchHandler } from "./kinesis-batch-handler.ts";
import { MAX_PAYLOAD_BYTES } from "./kinesis-event.ts";
import type { PollerFailure } from "./poller-failure.ts";
import type { KinesisCalls } from "./shard-reader.ts";
import type { StartingPosition } from "./starting-position.ts";

/** What Lambda allows. */
export const MAX_BATCH_SIZE = 10_000;
export const MAX_BATCHING_WINDOW_MS = 300_000;
const MAX_RETRY_ATTEMPTS = 10_000;
const MAX_RECORD_AGE_SECONDS = 604_800;
const MIN_RECORD_AGE_SECONDS = 60;

/** Records that have been handled or discarded. */
export interface HandledRun {
  readonly shardId: string;
  /** The last of them. */
  readonly sequenceNumber: string;
  readonly count: number;
}

/**
 * Lambda's
 * {@link https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html | parameters of a Kinesis mapping},
 * with its limits and defaults, and the ports to the world. The parallelization factor is 1.
 */
export interface EventSourceMappingOptions {
  readonly kinesis: KinesisCalls;
  readonly streamName: string;
  readonly streamArn: string;
  readonly handler: KinesisBatchHandler;
  /** The most records of a batch, 1 to 10,000. @default 100 */
  readonly batchSize?: number;
  /** How long a batch may wait to fill, 0 to 300,000 ms. @default 0 */
  readonly batchingWindowMs?: number;
  /** The largest event of an invocation, as JSON. @default 6 MiB, as Lambda's */
  readonly maxPayloadBytes?: number;
  /** Where to begin in shards that have no checkpoint. @default TRIM_HORIZON: the oldest record */
  readonly startingPosition?: StartingPosition;
  /** Whether the handler's answer may fail a batch from a record on; else it counts only whether it throws. @default true */
  readonly reportBatchItemFailures?: boolean;
  /** Whether a batch that fails is split, to find the record that fails it. @default false */
  readonly bisectBatchOnFunctionError?: boolean;
  /** Retries of a batch before it is discarded, 0 to 10,000; -1: without limit. @default -1 */
  readonly maximumRetryAttempts?: number;
  /**
   * The age beyond which a record is discarded, 60 to 604,800 s; -1: never, where Lambda still gives up what the stream
   * has let go. @default -1
   */
  readonly maximumRecordAgeInSeconds?: number;
  /** Told of every run of records that is discarded, once. @default nobody */
  readonly onFailureDestination?: OnFailureDestination;
  /** The function's name for the destination. @default freshet-local, in the stream's region and account */
  readonly functionArn?: string;
  /** How long a failed batch or read waits to be tried again: doubling from first to max. @default 50 to 1,000 ms */
  readonly retryBackoffMs?: Backoff;
  /** How long an idle shard is left alone unless woken: doubling from first to max. @default 10 to 500 ms */
  readonly idleBackoffMs?: Backoff;
  /** What every wait goes through. @default the machine's */
  readonly timer?: Timer;
  /** What the age of records goes by. @default the machine's */
  readonly clock?: Clock;
  /** How far shards were handled before, and where to keep it. @default in memory */
  readonly checkpoints?: Checkpoints;
  /** Told of everything that fails. */
  readonly onFailure: (failure: PollerFailure) => void;
  /** Told of each run of records that has been handled, or discarded, after its checkpoint. @default nobody */
  readonly onHandled?: (run: HandledRun) => void;
}

/** Options with the defaults filled in. */
export type MappingSettings = Required<EventSourceMappingOptions>;

/** @throws FreshetError `OPTION_INVALID` */
export function mappingSettings(options: EventSourceMappingOptions): MappingSettings {
  const [, , , region, account] = options.streamArn.split(":");
  const settings: MappingSettings = {
    batchSize: 100,
    batchingWindowMs: 0,
    maxPayloadBytes: MAX_PAYLOAD_BYTES,
    startingPosition: { type: "TRIM_HORIZON" },
    reportBatchItemFailures: true,
    bisectBatchOnFunctionError: false,
    maximumRetryAttempts: -1,
    maximumRecordAgeInSeconds: -1,
    onFailureDestination: () => {},
    functionArn: `arn:aws:lambda:${region}:${account}:function:freshet-local`,
    retryBackoffMs: { first: 50, max: 1_000 },
    idleBackoffMs: { first: 10, max: 500 },
    timer: systemTimer,
    clock: systemClock,
    checkpoints: memoryCheckpoints(),
    onHandled: () => {},
    ...options,
  };
  requireWholeNumber("batchSize", settings.batchSize, 1, MAX_BATCH_SIZE);
  requireWholeNumber("batchingWindowMs", settings.batchingWindowMs, 0, MAX_BATCHING_WINDOW_MS);
  requireWholeNumber("maxPayloadBytes", settings.maxPayloadBytes, 1, MAX_PAYLOAD_BYTES);
  requireWholeNumber("maximumRetryAttempts", settings.maximumRetryAttempts, -1, MAX_RETRY_ATTEMPTS);
  const { maximumRecordAgeInSeconds } = settings;
  if (maximumRecordAgeInSeconds !== -1) {
    requireWholeNumber(
      "maximumRecordAgeInSeconds",
      maximumRecordAgeInSeconds,
      MIN_RECORD_AGE_SECONDS,
      MAX_RECORD_AGE_SECONDS,
    );
  }
  const { startingPosition } = settings;
  if (startingPosition.type === "AT_TIMESTAMP" && !Number.isFinite(startingPosition.timestampMs)) {
    throw new FreshetError(
      "OPTION_INVALID",
      `startingPosition.timestampMs is ${startingPosition.timestampMs}; it is a time in ms since 1970.`,
    );
  }
  return settings;
}
