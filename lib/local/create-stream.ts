import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
} from "@aws-sdk/client-kinesis";
import { systemTimer, type Timer } from "../engine/ports/timer.ts";

const HOUR_MS = 3_600_000;

/** The longest retention that kinesalite takes. It counts by the wall clock, which a process on one machine outlives. */
export const MAX_RETENTION_HOURS = 168;

/** How often to look whether a new stream is ready. */
const LOOK_EVERY_MS = 5;

export interface CreatedStream {
  readonly streamName: string;
  readonly streamArn: string;
  readonly createdMs: number;
}

/** A stream that there is. */
export async function findStream(kinesis: KinesisClient, streamName: string): Promise<CreatedStream> {
  const { StreamDescriptionSummary: stream } = await kinesis.send(
    new DescribeStreamSummaryCommand({ StreamName: streamName }),
  );
  return {
    streamName,
    streamArn: stream!.StreamARN!,
    createdMs: stream!.StreamCreationTimestamp!.getTime(),
  };
}

/** Makes a stream and waits until it takes records. */
export async function createStream(options: {
  readonly kinesis: KinesisClient;
  readonly streamName: string;
  readonly shards: number;
  readonly retentionMs: number;
  /** @default the machine's */
  readonly timer?: Timer;
}): Promise<CreatedStream> {
  const { kinesis, streamName, shards, retentionMs, timer = systemTimer } = options;
  await kinesis.send(new CreateStreamCommand({ StreamName: streamName, ShardCount: shards }));
  for (;;) {
    const { StreamDescriptionSummary: stream } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: streamName }),
    );
    if (stream!.StreamStatus === "ACTIVE") {
      const hours = Math.min(MAX_RETENTION_HOURS, Math.ceil(retentionMs / HOUR_MS));
      if (hours > stream!.RetentionPeriodHours!) {
        await kinesis.send(
          new IncreaseStreamRetentionPeriodCommand({ StreamName: streamName, RetentionPeriodHours: hours }),
        );
      }
      return {
        streamName,
        streamArn: stream!.StreamARN!,
        createdMs: stream!.StreamCreationTimestamp!.getTime(),
      };
    }
    await timer.sleep(LOOK_EVERY_MS);
  }
}
