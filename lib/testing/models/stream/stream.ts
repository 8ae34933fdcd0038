import type { Clock } from "../../../engine/ports/clock.ts";
import type { ChildNumbers } from "./sequence-number.ts";
import type { Shard } from "./shard.ts";
import { invalidArgument, notFound } from "./stream-errors.ts";

const HOUR_MS = 3_600_000;

export interface Stream {
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
  retentionHours: number;
  /** All there ever were: a shard's index is its place. */
  readonly shards: Shard[];
}

/**
 * Whether the read that answers a closed shard's last records says that they are the last, or the empty read after it.
 * Kinesis promises neither.
 */
export type ClosedShardEnds = "with-last-records" | "after-last-records";

/** What one modelled server holds. */
export interface Streams {
  readonly clock: Clock;
  readonly childNumbers: ChildNumbers;
  readonly closedShardEnds: ClosedShardEnds;
  readonly byName: Map<string, Stream>;
}

/** How a request names a stream. */
export interface StreamTarget {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

/** @throws the server's InvalidArgumentException or ResourceNotFoundException */
export function findStream(streams: Streams, target: StreamTarget): Stream {
  const name = target.StreamName ?? target.StreamARN?.split("/")[1];
  if (name === undefined) throw invalidArgument("Either StreamName or StreamARN should be provided.");
  const stream = streams.byName.get(name);
  if (stream === undefined || (target.StreamARN ?? stream.arn) !== stream.arn)
    throw notFound(`Stream ${name}`);
  trim(stream, streams.clock.now());
  return stream;
}

/** Open shards, and closed ones until the last record that they can have held is past its retention. */
export function listedShards(streams: Streams, stream: Stream): readonly Shard[] {
  return stream.shards.filter((shard) => !isGone(streams, stream, shard));
}

/** @throws the server's ResourceNotFoundException */
export function findShard(streams: Streams, stream: Stream, shardId: string | undefined): Shard {
  const shard = stream.shards.find(({ id }) => id === shardId);
  if (shard === undefined || isGone(streams, stream, shard)) {
    throw notFound(`Shard ${shardId} in stream ${stream.name}`);
  }
  return shard;
}

function isGone({ clock }: Streams, { retentionHours }: Stream, { closedMs }: Shard): boolean {
  return closedMs !== undefined && closedMs < clock.now() - retentionHours * HOUR_MS;
}

/** Forgets the records past their retention. */
function trim({ shards, retentionHours }: Stream, nowMs: number): void {
  const horizonMs = nowMs - retentionHours * HOUR_MS;
  for (const { records } of shards) {
    const kept = records.findIndex(({ arrivalMs }) => arrivalMs >= horizonMs);
    if (kept !== 0) records.splice(0, kept < 0 ? records.length : kept);
  }
}
