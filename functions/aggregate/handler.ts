import { randomUUID } from "node:crypto";
import { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { collectDefinitions } from "../../lib/define/collect-definitions.ts";
import { FreshetError } from "../../lib/define/error.ts";
import type { Source } from "../../lib/define/types.ts";
import { planView } from "../../lib/engine/plan.ts";
import { type Clock, systemClock } from "../../lib/engine/ports/clock.ts";
import type { ObjectStore } from "../../lib/engine/ports/object-store.ts";
import type { Timing } from "../../lib/online/backoff.ts";
import type { BatchReporter } from "../../lib/online/batch-report.ts";
import { describeStream } from "../../lib/online/describe-stream.ts";
import { createDynamoStateStore } from "../../lib/online/dynamo-state-store.ts";
import { createS3ObjectStore } from "../../lib/online/s3-object-store.ts";
import { createShardDirectory } from "../../lib/online/shard-directory.ts";
import { WarmImages } from "../../lib/online/warm-images.ts";
import { createWriteLoop, type WriteLoop } from "../../lib/online/write-loop.ts";
import { dynamoClient, kinesisClient, s3Client } from "../aws-clients.ts";
import type { Environment } from "../environment.ts";
import { metricsNamespace } from "../metrics-namespace.ts";
import { createMetricsEmitter } from "./emit-metrics.ts";
import { readEnvironment } from "./environment.ts";
import { type ShardRecords, shardRecordsOf, streamNameOf } from "./kinesis-event.ts";

/** Takes structured log lines; Powertools' Logger is one. */
export interface AggregateLogger {
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface AggregateHandlerOptions {
  /**
   * `FRESHET_TABLE`, `FRESHET_STREAMS`, `FRESHET_BUCKET`, `FRESHET_METRICS_NAMESPACE`, `FRESHET_AGGREGATOR` (where several
   * share the table), and AWS's own variables (region, keys, endpoints).
   */
  readonly environment: Environment;
  /** A definitions module's exports by name. */
  readonly definitions: Readonly<Record<string, unknown>>;
  /** @default the machine's */
  readonly clock?: Clock;
  /** Where late and quarantined records go. @default the bucket */
  readonly objectStore?: ObjectStore;
  /** One attempt a call: the store retries by itself. @default made from the environment */
  readonly dynamo?: DynamoDBClient;
  /** @default made from the environment */
  readonly kinesis?: KinesisClient;
  /** Waiting and chance of the store's retries. @default the machine's */
  readonly timing?: Timing;
  /** Told of every batch. @default CloudWatch metrics in embedded metric format on standard output */
  readonly metrics?: BatchReporter;
  /** @default JSON lines on standard output */
  readonly logger?: AggregateLogger;
  /** Names this process among all that write. @default a random UUID */
  readonly processId?: string;
  /** Bound on warm images, in bytes. @default 64 MiB */
  readonly warmBytes?: number;
}

export type AggregateHandler = (event: KinesisStreamEvent) => Promise<KinesisStreamBatchResponse>;

/**
 * Makes the Lambda that folds a Kinesis event source's batches into the table.
 *
 * @throws FreshetError `OPTION_INVALID` for an environment that is incomplete, `DEFINITION_INVALID`
 * @example
 * ```ts
 * export const handler = createAggregateHandler({ environment: process.env, definitions });
 * ```
 */
export function createAggregateHandler(options: AggregateHandlerOptions): AggregateHandler {
  const { environment, clock = systemClock, processId = randomUUID() } = options;
  const { sources, views } = collectDefinitions(options.definitions);
  const needsBucket = options.objectStore === undefined;
  const { table, streams, bucket, aggregator } = readEnvironment(environment, { sources, needsBucket });
  const logger: AggregateLogger = options.logger ?? new Logger({ serviceName: "aggregate" });
  const metrics = options.metrics ?? createMetricsEmitter(clock, metricsNamespace(environment));

  const plans = views.map(planView);
  const store = createDynamoStateStore({
    client: options.dynamo ?? dynamoClient(environment),
    table,
    ...(options.timing === undefined ? {} : { timing: options.timing }),
  });
  const objects =
    options.objectStore ?? createS3ObjectStore({ client: s3Client(environment), bucket: bucket! });
  const kinesis = options.kinesis ?? kinesisClient(environment);
  const directory = createShardDirectory({
    describe: (source) => describeStream(kinesis, streams.get(source.name)!),
    store,
    clock,
    plans,
  });
  const images = new WarmImages(options.warmBytes);
  const sourcesByStream = new Map<string, Source>();
  for (const source of sources) {
    const stream = streams.get(source.name);
    if (stream !== undefined) sourcesByStream.set(streamNameOf(stream), source);
  }
  const loops = new Map<string, WriteLoop>(
    sources.map((source) => [
      source.name,
      createWriteLoop({
        source,
        plans,
        store,
        objects,
        processId,
        images,
        ...(aggregator === undefined ? {} : { aggregator }),
      }),
    ]),
  );

  /** The lowest record of the shard's batch that is not finished; null when all are. */
  async function process({ streamArn, shardId, records }: ShardRecords): Promise<string | null> {
    try {
      const source = sourcesByStream.get(streamNameOf(streamArn));
      if (source === undefined) {
        throw new FreshetError(
          "STREAM_UNAVAILABLE",
          `records came from ${streamArn}; FRESHET_STREAMS names ${[...sourcesByStream.keys()].join(", ")}.`,
        );
      }
      const shard = await directory.shardOf(source, shardId);
      const report = await loops.get(source.name)!.processBatch({ shard, records });
      metrics(report);
      for (const error of report.failures) {
        logger.error("a batch was not finished", { source: source.name, shardId, error });
      }
      return report.failedSequenceNumber;
    } catch (error) {
      logger.error("a batch was not begun", { streamArn, shardId, error });
      return records[0]!.sequenceNumber;
    }
  }

  return async (event) => {
    const failed = await Promise.all(shardRecordsOf(event).map(process));
    const batchItemFailures = failed
      .filter((sequenceNumber) => sequenceNumber !== null)
      .map((itemIdentifier) => ({ itemIdentifier }));
    return { batchItemFailures };
  };
}
