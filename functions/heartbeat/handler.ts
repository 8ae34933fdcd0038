import { Logger } from "@aws-lambda-powertools/logger";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { putInOrder } from "../../lib/client/put/put-in-order.ts";
import { encodeHeartbeat } from "../../lib/engine/heartbeat.ts";
import { type Clock, systemClock } from "../../lib/engine/ports/clock.ts";
import { systemTiming, type Timing } from "../../lib/online/backoff.ts";
import { describeStream } from "../../lib/online/describe-stream.ts";
import { kinesisClient } from "../aws-clients.ts";
import type { Environment } from "../environment.ts";
import { readEnvironment } from "./environment.ts";

/** Refused heartbeats are put again at once; what is refused still is due at the next beat anyway. */
const PUT_ATTEMPTS = 3;

/** Takes structured log lines; Powertools' Logger is one. */
export interface HeartbeatLogger {
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface HeartbeatHandlerOptions {
  /** `FRESHET_STREAM`, `FRESHET_PERIOD_MS`, `FRESHET_COVER_MS`, and AWS's own variables (region, keys, endpoints). */
  readonly environment: Environment;
  /** @default made from the environment */
  readonly kinesis?: KinesisClient;
  /** @default the machine's */
  readonly clock?: Clock;
  /** @default the machine's */
  readonly timing?: Timing;
  /** @default JSON lines on standard output */
  readonly logger?: HeartbeatLogger;
}

/** What an invocation sent. */
export interface HeartbeatReport {
  readonly beats: number;
  /** One a shard and beat. */
  readonly heartbeats: number;
}

export type HeartbeatHandler = () => Promise<HeartbeatReport>;

/**
 * Makes the Lambda that puts a heartbeat to every open shard of a stream, so that the progress of idle shards is known
 * (R11). A schedule's shortest period is a minute: for a shorter one, an invocation goes on beating until the next begins.
 *
 * The handler tries every beat of its time, and then rejects with the first failure, if there was one.
 *
 * @throws FreshetError `OPTION_INVALID` for an environment that is incomplete.
 * @example
 * ```ts
 * export const handler = createHeartbeatHandler({ environment: process.env });
 * ```
 */
export function createHeartbeatHandler(options: HeartbeatHandlerOptions): HeartbeatHandler {
  const { environment, clock = systemClock, timing = systemTiming } = options;
  const { stream, periodMs, coverMs } = readEnvironment(environment);
  const kinesis = options.kinesis ?? kinesisClient(environment);
  const logger: HeartbeatLogger = options.logger ?? new Logger({ serviceName: "heartbeat" });

  /** Shards are listed anew each time: a split's children must be known before their parent's progress is too old. */
  async function beat(): Promise<number> {
    const open = (await describeStream(kinesis, stream)).shards.filter((shard) => shard.open);
    const data = encodeHeartbeat(clock.now());
    const records = open.map(({ shardId, hashRange }) => ({
      Data: data,
      PartitionKey: `heartbeat-${shardId}`,
      ExplicitHashKey: BigInt(`0x${hashRange.start}`).toString(),
    }));
    await putInOrder({
      kinesis,
      streamName: stream,
      records,
      refusesSingleRecords: true,
      maxAttempts: PUT_ATTEMPTS,
      timing,
    });
    return open.length;
  }

  return async () => {
    const startMs = clock.now();
    const failures: unknown[] = [];
    let beats = 0;
    let heartbeats = 0;
    for (let dueMs = 0; dueMs < coverMs; dueMs += periodMs) {
      const waitMs = startMs + dueMs - clock.now();
      if (waitMs > 0) await timing.sleep(waitMs);
      try {
        heartbeats += await beat();
        beats++;
      } catch (error) {
        failures.push(error);
        logger.error("a heartbeat could not be sent", { stream, error });
      }
    }
    if (failures.length > 0) throw failures[0];
    return { beats, heartbeats };
  };
}
