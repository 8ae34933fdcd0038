import type {
  CreateStreamInput,
  DeleteStreamInput,
  DescribeStreamInput,
  DescribeStreamOutput,
  DescribeStreamSummaryInput,
  DescribeStreamSummaryOutput,
  IncreaseStreamRetentionPeriodInput,
  ListShardsInput,
  ListShardsOutput,
} from "@aws-sdk/client-kinesis";
import { onlyFields } from "../answer.ts";
import { describeShard, openShard } from "./shard.ts";
import { findStream, listedShards, type Stream, type Streams } from "./stream.ts";
import { expiredToken, inUse, invalidArgument, notFound, validationError } from "./stream-errors.ts";
import { hasExpired, readToken, writeToken } from "./token.ts";

const STREAM_NAME = /^[a-zA-Z0-9_.-]{1,128}$/;
const HASH_KEYS = 2n ** 128n;
const MIN_RETENTION_HOURS = 24;
const MAX_RETENTION_HOURS = 8_760;
const SHARDS_A_PAGE = 1_000;
const SHARDS_A_DESCRIPTION = 100;

/** The stream takes records at once; its shards share the hash keys evenly. */
export function createStream(streams: Streams, input: CreateStreamInput): object {
  onlyFields("CreateStream", input, ["StreamName", "ShardCount"]);
  const { StreamName: name, ShardCount = 1 } = input;
  if (name === undefined || !STREAM_NAME.test(name)) {
    throw validationError(`Value '${name}' at 'streamName' failed to satisfy constraint`);
  }
  if (ShardCount < 1)
    throw validationError(`Value '${ShardCount}' at 'shardCount' failed to satisfy constraint`);
  if (streams.byName.has(name)) throw inUse(name);
  const createdMs = streams.clock.now();
  const width = HASH_KEYS / BigInt(ShardCount);
  const shards = Array.from({ length: ShardCount }, (_, index) => {
    const first = width * BigInt(index);
    const last = index === ShardCount - 1 ? HASH_KEYS - 1n : first + width - 1n;
    return openShard({
      index,
      parents: [],
      hashKeys: { first, last },
      createdSeconds: Math.floor(createdMs / 1_000),
    });
  });
  const arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
  streams.byName.set(name, { name, arn, createdMs, retentionHours: MIN_RETENTION_HOURS, shards });
  return {};
}

export function deleteStream(streams: Streams, input: DeleteStreamInput): object {
  onlyFields("DeleteStream", input, ["StreamName", "StreamARN"]);
  streams.byName.delete(findStream(streams, input).name);
  return {};
}

export function describeStream(streams: Streams, input: DescribeStreamInput): DescribeStreamOutput {
  onlyFields("DescribeStream", input, ["StreamName", "StreamARN", "Limit", "ExclusiveStartShardId"]);
  const stream = findStream(streams, input);
  const { Limit = SHARDS_A_DESCRIPTION, ExclusiveStartShardId = "" } = input;
  const shards = listedShards(streams, stream).filter(({ id }) => id > ExclusiveStartShardId);
  return {
    StreamDescription: {
      ...describe(stream),
      Shards: shards.slice(0, Limit).map(describeShard),
      HasMoreShards: shards.length > Limit,
    },
  };
}

export function describeStreamSummary(
  streams: Streams,
  input: DescribeStreamSummaryInput,
): DescribeStreamSummaryOutput {
  onlyFields("DescribeStreamSummary", input, ["StreamName", "StreamARN"]);
  const stream = findStream(streams, input);
  const OpenShardCount = stream.shards.filter(({ closedMs }) => closedMs === undefined).length;
  return { StreamDescriptionSummary: { ...describe(stream), OpenShardCount, ConsumerCount: 0 } };
}

export function increaseRetention(streams: Streams, input: IncreaseStreamRetentionPeriodInput): object {
  onlyFields("IncreaseStreamRetentionPeriod", input, ["StreamName", "StreamARN", "RetentionPeriodHours"]);
  const stream = findStream(streams, input);
  const { RetentionPeriodHours: hours = 0 } = input;
  if (hours < stream.retentionHours || hours > MAX_RETENTION_HOURS) {
    throw invalidArgument(
      `RetentionPeriodHours ${hours} is not ${stream.retentionHours} to ${MAX_RETENTION_HOURS}.`,
    );
  }
  stream.retentionHours = hours;
  return {};
}

interface ListToken {
  readonly stream: string;
  readonly after: string;
  readonly issuedMs: number;
}

export function listShards(streams: Streams, input: ListShardsInput): ListShardsOutput {
  onlyFields("ListShards", input, [
    "StreamName",
    "StreamARN",
    "NextToken",
    "ExclusiveStartShardId",
    "MaxResults",
  ]);
  const { NextToken, MaxResults = SHARDS_A_PAGE } = input;
  if (!(MaxResults >= 1 && MaxResults <= 10_000)) {
    throw validationError(`Value '${MaxResults}' at 'maxResults' failed to satisfy constraint`);
  }
  const { stream, after } =
    NextToken === undefined ? startOfList(streams, input) : resume(streams, input, NextToken);
  const shards = listedShards(streams, stream).filter(({ id }) => id > after);
  const page = shards.slice(0, MaxResults);
  if (page.length === shards.length) return { Shards: page.map(describeShard) };
  const token: ListToken = { stream: stream.name, after: page.at(-1)!.id, issuedMs: streams.clock.now() };
  return { Shards: page.map(describeShard), NextToken: writeToken({ ...token }) };
}

function startOfList(streams: Streams, input: ListShardsInput) {
  return { stream: findStream(streams, input), after: input.ExclusiveStartShardId ?? "" };
}

function resume(streams: Streams, input: ListShardsInput, nextToken: string) {
  if ((input.StreamName ?? input.StreamARN ?? input.ExclusiveStartShardId) !== undefined) {
    throw invalidArgument("NextToken and StreamName cannot be provided together.");
  }
  const token = readToken(nextToken, isListToken);
  if (token === undefined) throw invalidArgument("Invalid NextToken.");
  if (hasExpired(token.issuedMs, streams.clock.now())) throw expiredToken();
  if (!streams.byName.has(token.stream)) throw notFound(`Stream ${token.stream}`);
  return { stream: findStream(streams, { StreamName: token.stream }), after: token.after };
}

function isListToken(value: unknown): value is ListToken {
  const fields = value as Partial<ListToken> | null;
  return typeof fields?.stream === "string" && typeof fields.after === "string";
}

function describe(stream: Stream) {
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: "ACTIVE" as const,
    StreamCreationTimestamp: new Date(stream.createdMs),
    RetentionPeriodHours: stream.retentionHours,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: "NONE" as const,
  };
}
