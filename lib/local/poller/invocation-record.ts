import { createHash } from "node:crypto";
import type { KinesisStreamEvent } from "aws-lambda";
import type { EventRecord } from "./kinesis-event.ts";
import type { ShardAddress } from "./shard-reader.ts";

/** Why records were discarded. */
export type DiscardCondition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/**
 * What Lambda sends to an on-failure destination: where the discarded records are, not what they hold. The form is
 * {@link https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html | Lambda's}; conditions, and
 * what a partial response leaves in `functionError`, are those seen in messages of deployed mappings.
 */
export interface InvocationRecord {
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: DiscardCondition;
    readonly approximateInvokeCount: number;
  };
  /** Absent when the records were too old before the first invocation. */
  readonly responseContext?: {
    readonly statusCode: 200;
    readonly executedVersion: "$LATEST";
    /** Null when the function answered which records failed. */
    readonly functionError: "Unhandled" | null;
  };
  readonly version: "1.0";
  /** When they were discarded, ISO 8601. */
  readonly timestamp: string;
  readonly KinesisBatchInfo: {
    readonly shardId: string;
    readonly startSequenceNumber: string;
    readonly endSequenceNumber: string;
    readonly approximateArrivalOfFirstRecord: string;
    readonly approximateArrivalOfLastRecord: string;
    readonly batchSize: number;
    readonly streamArn: string;
  };
}

/**
 * Where the records of discarded batches are told of: a queue or a topic takes the invocation record; an object in a
 * bucket holds the event too, as the record's `payload`.
 */
export type OnFailureDestination = (
  record: InvocationRecord,
  event: KinesisStreamEvent,
) => void | Promise<void>;

export function invocationRecord(options: {
  readonly shard: ShardAddress;
  readonly functionArn: string;
  readonly records: readonly EventRecord[];
  readonly condition: DiscardCondition;
  readonly invocations: number;
  /** Whether the last invocation threw. */
  readonly threw: boolean;
  readonly nowMs: number;
}): InvocationRecord {
  const { shard, functionArn, records, condition, invocations, threw, nowMs } = options;
  const { kinesis: first } = records[0]!.record;
  const { kinesis: last } = records.at(-1)!.record;
  return {
    requestContext: {
      requestId: requestId(`${shard.streamArn} ${shard.shardId} ${last.sequenceNumber} ${invocations}`),
      functionArn,
      condition,
      approximateInvokeCount: invocations,
    },
    ...(invocations === 0
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: "$LATEST",
            functionError: threw ? "Unhandled" : null,
          },
        }),
    version: "1.0",
    timestamp: new Date(nowMs).toISOString(),
    KinesisBatchInfo: {
      shardId: shard.shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: isoTime(first.approximateArrivalTimestamp),
      approximateArrivalOfLastRecord: isoTime(last.approximateArrivalTimestamp),
      batchSize: records.length,
      streamArn: shard.streamArn,
    },
  };
}

const isoTime = (seconds: number): string => new Date(Math.round(1_000 * seconds)).toISOString();

/** A UUID of an invocation, the same in every run. */
function requestId(invocation: string): string {
  const hex = createHash("sha256").update(invocation).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
