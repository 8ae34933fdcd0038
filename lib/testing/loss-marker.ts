import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { KinesisStreamEvent } from "aws-lambda";
import type { Environment } from "../../functions/environment.ts";
import type { LossReporter } from "../../functions/mark-losses/emit-metrics.ts";
import { createMarkLosses } from "../../functions/mark-losses/handler.ts";
import type { Clock } from "../engine/ports/clock.ts";
import type { ObjectStore } from "../engine/ports/object-store.ts";
import { invocationRecord } from "../local/poller/invocation-record.ts";

/**
 * What follows on a batch that is given up: Lambda writes it to the on-failure destination, of which the function is told
 * that marks losses.
 */
export function createBatchLossMarker(options: {
  /** As the aggregator's. */
  readonly environment: Environment;
  /** What the user gave. */
  readonly module: Readonly<Record<string, unknown>>;
  /** The bucket, past all faults. */
  readonly objects: ObjectStore;
  readonly dynamo: DynamoDBClient;
  readonly kinesis: KinesisClient;
  readonly clock: Clock;
  readonly onLoss: LossReporter;
}): (event: KinesisStreamEvent) => Promise<void> {
  const { environment, module, objects, dynamo, kinesis, clock, onLoss } = options;
  const markLosses = createMarkLosses({
    environment,
    definitions: module,
    objectStore: objects,
    dynamo,
    kinesis,
    clock,
    metrics: onLoss,
    logger: { info() {}, error() {} },
  });
  let lost = 0;
  return async (event) => {
    const { eventID, eventSourceARN: streamArn } = event.Records[0]!;
    const shardId = eventID.slice(0, eventID.lastIndexOf(":"));
    const record = invocationRecord({
      shard: { streamName: streamArn.slice(streamArn.lastIndexOf("/") + 1), streamArn, shardId },
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:aggregate",
      records: event.Records.map((each) => ({ record: each, payloadBytes: 0 })),
      condition: "RetryAttemptsExhausted",
      invocations: 1,
      threw: true,
      nowMs: clock.now(),
    });
    const day = record.timestamp.slice(0, 10).replaceAll("-", "/");
    const key = `aws/lambda/test/${shardId}/${day}/${record.timestamp}-${++lost}`;
    await objects.put(key, Buffer.from(JSON.stringify({ ...record, payload: JSON.stringify(event) })));
    await markLosses({
      version: "0",
      id: String(lost),
      account: "000000000000",
      time: record.timestamp,
      region: "us-east-1",
      resources: [],
      source: "aws.s3",
      "detail-type": "Object Created",
      detail: { object: { key } },
    });
  };
}
