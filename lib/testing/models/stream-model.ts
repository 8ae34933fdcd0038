import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  KinesisServiceException,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import type { Clock } from "../../engine/ports/clock.ts";
import { type Answer, answerMetadata, type Command, settle } from "./answer.ts";
import {
  createStream,
  deleteStream,
  describeStream,
  describeStreamSummary,
  increaseRetention,
  listShards,
} from "./stream/definitions.ts";
import { getRecords } from "./stream/get-records.ts";
import { putRecord, putRecords } from "./stream/put-records.ts";
import { mergeShards, splitShard } from "./stream/reshard.ts";
import type { ChildNumbers } from "./stream/sequence-number.ts";
import type { KeptRecord } from "./stream/shard.ts";
import { getShardIterator } from "./stream/shard-iterator.ts";
import { type ClosedShardEnds, findShard, findStream, type Streams } from "./stream/stream.ts";

export type { ChildNumbers } from "./stream/sequence-number.ts";
export type { KeptRecord } from "./stream/shard.ts";
export type { ClosedShardEnds } from "./stream/stream.ts";

export interface StreamModelOptions {
  /** The server's own clock: arrival stamps, retention and the lives of iterators go by it. */
  readonly clock: Clock;
  /** @default "above-parents" */
  readonly childNumbers?: ChildNumbers;
  /** @default "after-last-records" */
  readonly closedShardEnds?: ClosedShardEnds;
}

/** A Kinesis in memory, by the SDK's commands. It knows no faults and takes no time: both are put around it. */
export interface StreamModel {
  /**
   * Carries out a command at once.
   *
   * @throws Error for a command or a parameter that is not modelled.
   */
  apply(command: Command): Answer;
  /** {@link apply}, as the SDK's client has it. */
  send(command: Command): Promise<object>;
  /** The records that a shard still holds, in order: for checks. */
  records(streamName: string, shardId: string): readonly KeptRecord[];
}

/**
 * A server without streams.
 *
 * @example
 * ```ts
 * const model = createStreamModel({ clock: { now: () => 0 } });
 * model.apply(new CreateStreamCommand({ StreamName: "transactions", ShardCount: 3 }));
 * ```
 */
export function createStreamModel(options: StreamModelOptions): StreamModel {
  const { clock, childNumbers = "above-parents", closedShardEnds = "after-last-records" } = options;
  const streams: Streams = { clock, childNumbers, closedShardEnds, byName: new Map() };
  const apply = (command: Command): Answer => {
    try {
      return { ok: true, output: { $metadata: answerMetadata(200), ...carryOut(streams, command) } };
    } catch (error) {
      if (error instanceof KinesisServiceException) return { ok: false, error };
      throw error;
    }
  };
  return {
    apply,
    send: async (command) => settle(apply(command)),
    records(streamName, shardId) {
      const stream = findStream(streams, { StreamName: streamName });
      return [...findShard(streams, stream, shardId).records];
    },
  };
}

function carryOut(streams: Streams, command: Command): object {
  if (command instanceof PutRecordsCommand) return putRecords(streams, command.input);
  if (command instanceof PutRecordCommand) return putRecord(streams, command.input);
  if (command instanceof GetRecordsCommand) return getRecords(streams, command.input);
  if (command instanceof GetShardIteratorCommand) return getShardIterator(streams, command.input);
  if (command instanceof ListShardsCommand) return listShards(streams, command.input);
  if (command instanceof DescribeStreamSummaryCommand) return describeStreamSummary(streams, command.input);
  if (command instanceof DescribeStreamCommand) return describeStream(streams, command.input);
  if (command instanceof SplitShardCommand) return splitShard(streams, command.input);
  if (command instanceof MergeShardsCommand) return mergeShards(streams, command.input);
  if (command instanceof CreateStreamCommand) return createStream(streams, command.input);
  if (command instanceof DeleteStreamCommand) return deleteStream(streams, command.input);
  if (command instanceof IncreaseStreamRetentionPeriodCommand)
    return increaseRetention(streams, command.input);
  throw new Error(`the stream model does not know the command ${command.constructor.name}.`);
}
