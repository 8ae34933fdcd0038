import { Logger } from "@aws-lambda-powertools/logger";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { EventBridgeEvent } from "aws-lambda";
import { collectDefinitions } from "../../lib/define/collect-definitions.ts";
import { FreshetError } from "../../lib/define/error.ts";
import { planView } from "../../lib/engine/plan.ts";
import { type Clock, systemClock } from "../../lib/engine/ports/clock.ts";
import type { ObjectStore } from "../../lib/engine/ports/object-store.ts";
import { describeStream } from "../../lib/online/describe-stream.ts";
import { createDynamoStateStore } from "../../lib/online/dynamo-state-store.ts";
import { createLossMarker } from "../../lib/online/loss-marker.ts";
import { createS3ObjectStore } from "../../lib/online/s3-object-store.ts";
import { createShardDirectory } from "../../lib/online/shard-directory.ts";
import { readEnvironment } from "../aggregate/environment.ts";
import { streamNameOf } from "../aggregate/kinesis-event.ts";
import { dynamoClient, kinesisClient, s3Client } from "../aws-clients.ts";
import type { Environment } from "../environment.ts";
import { createLossMetrics, type LossReport, type LossReporter } from "./emit-metrics.ts";
import { parseLostBatch } from "./lost-batch.ts";

/** What S3 tells EventBridge of an object that was written. */
export type ObjectCreatedEvent = EventBridgeEvent<
  "Object Created",
  { readonly object: { readonly key: string } }
>;

/** Takes structured log lines; Powertools' Logger is one. */
export interface LossLogger {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface MarkLossesOptions {
  /** `FRESHET_TABLE`, `FRESHET_STREAMS`, `FRESHET_BUCKET` as the aggregator's, and `FRESHET_METRICS_NAMESPACE`. */
  readonly environment: Environment;
  /** A definitions module's exports by name. */
  readonly definitions: Readonly<Record<string, unknown>>;
  /** Where Lambda writes what it gives up. @default the environment's bucket */
  readonly objectStore?: ObjectStore;
  /** @default made from the environment */
  readonly dynamo?: DynamoDBClient;
  /** @default made from the environment */
  readonly kinesis?: KinesisClient;
  /** @default the machine's */
  readonly clock?: Clock;
  /** @default CloudWatch metrics in embedded metric format on standard output */
  readonly metrics?: LossReporter;
  /** @default JSON lines on standard output */
  readonly logger?: LossLogger;
}

/** Answers null for a batch of another pipeline's stream. */
export type MarkLosses = (event: ObjectCreatedEvent) => Promise<LossReport | null>;

/**
 * Makes the Lambda that is told when the aggregator's event source mapping has given a batch up: the views over its source
 * call their shard's freshness unknown from then on (R2), and a metric counts the loss. It rejects where it could not,
 * and Lambda invokes it again.
 *
 * @throws FreshetError `OPTION_INVALID` for an environment that is incomplete, `DEFINITION_INVALID`
 * @example
 * ```ts
 * export const handler = createMarkLosses({ environment: process.env, definitions });
 * ```
 */
export function createMarkLosses(options: MarkLossesOptions): MarkLosses {
  const { environment, clock = systemClock } = options;
  const { sources, views } = collectDefinitions(options.definitions);
  const needsBucket = options.objectStore === undefined;
  const { table, streams, bucket } = readEnvironment(environment, { sources, needsBucket });
  const objects =
    options.objectStore ?? createS3ObjectStore({ client: s3Client(environment), bucket: bucket! });
  const kinesis = options.kinesis ?? kinesisClient(environment);
  const store = createDynamoStateStore({ client: options.dynamo ?? dynamoClient(environment), table });
  const logger: LossLogger = options.logger ?? new Logger({ serviceName: "mark-losses" });
  const report = options.metrics ?? createLossMetrics(environment);
  const plans = views.map(planView);
  const directory = createShardDirectory({
    describe: (source) => describeStream(kinesis, streams.get(source.name)!),
    store,
    clock,
    plans,
  });
  const mark = createLossMarker({ store, directory, plans });

  return async ({ detail }) => {
    const { key } = detail.object;
    const body = await objects.get(key);
    if (body === undefined) {
      throw new FreshetError(
        "OBJECT_STORE_UNREADABLE",
        `object ${key} is not there: what was lost is not known.`,
      );
    }
    const { streamArn, shardId, startSequenceNumber, batchSize } = parseLostBatch(key, body);
    const source = sources.find(({ name }) => isStream(streams.get(name), streamArn));
    if (source === undefined) {
      // A bucket may be several pipelines'.
      logger.info("a batch was given up of a stream that is not this pipeline's", { streamArn, object: key });
      return null;
    }
    const marked = await mark({ source, shardId });
    const loss = { source: source.name, shardId, records: batchSize, views: marked };
    logger.error("a batch was given up: its shard is unknown until its entities are rebuilt from history", {
      ...loss,
      object: key,
      fromSequenceNumber: startSequenceNumber,
    });
    report(loss);
    return loss;
  };
}

function isStream(nameOrArn: string | undefined, streamArn: string): boolean {
  return nameOrArn !== undefined && streamNameOf(nameOrArn) === streamNameOf(streamArn);
}
