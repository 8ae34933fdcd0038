import type { GetShardIteratorInput, GetShardIteratorOutput } from "@aws-sdk/client-kinesis";
import { onlyFields } from "../answer.ts";
import { belongsTo } from "./sequence-number.ts";
import { type Shard, startingNumber, tipNumber } from "./shard.ts";
import { findShard, findStream, type Stream, type Streams } from "./stream.ts";
import { expiredIterator, invalidArgument, notFound, validationError } from "./stream-errors.ts";
import { hasExpired, readToken, writeToken } from "./token.ts";

/** Where a read begins. */
interface Position {
  readonly stream: string;
  /** Tells a stream from one of the same name that was deleted. */
  readonly createdMs: number;
  readonly shardId: string;
  /** The lowest sequence number to be read. */
  readonly from: string;
  readonly issuedMs: number;
}

export function getShardIterator(streams: Streams, input: GetShardIteratorInput): GetShardIteratorOutput {
  onlyFields("GetShardIterator", input, [
    "StreamName",
    "StreamARN",
    "ShardId",
    "ShardIteratorType",
    "StartingSequenceNumber",
    "Timestamp",
  ]);
  const stream = findStream(streams, input);
  const shard = findShard(streams, stream, input.ShardId);
  return { ShardIterator: issueIterator(streams, stream, shard, firstNumber(streams, shard, input)) };
}

export function issueIterator({ clock }: Streams, stream: Stream, shard: Shard, from: bigint): string {
  const position: Position = {
    stream: stream.name,
    createdMs: stream.createdMs,
    shardId: shard.id,
    from: String(from),
    issuedMs: clock.now(),
  };
  return writeToken({ ...position });
}

/** @throws the server's ExpiredIteratorException, InvalidArgumentException or ResourceNotFoundException */
export function resolveIterator(
  streams: Streams,
  iterator: string | undefined,
): { readonly stream: Stream; readonly shard: Shard; readonly from: bigint } {
  const position = iterator === undefined ? undefined : readToken(iterator, isPosition);
  if (position === undefined) throw invalidArgument("Invalid ShardIterator.");
  if (hasExpired(position.issuedMs, streams.clock.now())) throw expiredIterator();
  const stream = findStream(streams, { StreamName: position.stream });
  if (stream.createdMs !== position.createdMs) throw notFound(`Stream ${position.stream}`);
  return { stream, shard: findShard(streams, stream, position.shardId), from: BigInt(position.from) };
}

function firstNumber({ clock }: Streams, shard: Shard, input: GetShardIteratorInput): bigint {
  const { ShardIteratorType: type, StartingSequenceNumber, Timestamp } = input;
  switch (type) {
    case "TRIM_HORIZON":
    case "LATEST":
      if (StartingSequenceNumber !== undefined) {
        throw invalidArgument(`Request specified ${type} and also a StartingSequenceNumber.`);
      }
      return type === "LATEST" ? tipNumber(shard) : startingNumber(shard);
    case "AT_SEQUENCE_NUMBER":
      return givenNumber(shard, StartingSequenceNumber, type);
    case "AFTER_SEQUENCE_NUMBER":
      return givenNumber(shard, StartingSequenceNumber, type) + 1n;
    case "AT_TIMESTAMP": {
      if (Timestamp === undefined) throw invalidArgument("Must specify a Timestamp for AT_TIMESTAMP.");
      if (Timestamp.getTime() > clock.now()) throw invalidArgument("The Timestamp lies in the future.");
      const first = shard.records.find(({ arrivalMs }) => arrivalMs >= Timestamp.getTime());
      return first?.sequenceNumber ?? tipNumber(shard);
    }
    default:
      throw validationError(`Value '${type}' at 'shardIteratorType' failed to satisfy constraint`);
  }
}

function givenNumber(shard: Shard, text: string | undefined, type: string): bigint {
  if (text === undefined) throw invalidArgument(`Request specified ${type} and no StartingSequenceNumber.`);
  if (!/^(0|[1-9]\d{0,128})$/.test(text)) {
    throw validationError(`Value '${text}' at 'startingSequenceNumber' failed to satisfy constraint`);
  }
  const number = BigInt(text);
  if (!belongsTo(number, shard)) {
    throw invalidArgument(
      `StartingSequenceNumber ${text} used in GetShardIterator on shard ${shard.id} is invalid.`,
    );
  }
  return number;
}

function isPosition(value: unknown): value is Position {
  const fields = value as Partial<Position> | null;
  return typeof fields?.shardId === "string" && typeof fields.from === "string";
}
