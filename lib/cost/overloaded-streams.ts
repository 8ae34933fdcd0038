import type { StatedLoad } from "./load.ts";
import { SHARD_BYTES_A_SECOND, SHARD_RECORDS_A_SECOND } from "./traffic.ts";

/** A stream whose provisioned shards cannot take the stated events, however evenly these are spread. */
export interface OverloadedStream {
  readonly source: string;
  readonly eventsPerSecond: number;
  readonly shards: number;
  /** As many would just do. */
  readonly leastShards: number;
}

/** Those of the streams that are made: one on demand grows, and one that exists already is as it is. */
export function overloadedStreams(load: StatedLoad): readonly OverloadedStream[] {
  const { shards, eventBytes } = load;
  if (shards === "on-demand") return [];
  return Object.entries(load.eventsPerSecond)
    .filter(([source]) => !load.existingStreams.includes(source))
    .map(([source, eventsPerSecond]) => {
      const ofBytes = (eventsPerSecond * eventBytes) / SHARD_BYTES_A_SECOND;
      const ofRecords = eventsPerSecond / SHARD_RECORDS_A_SECOND;
      return { source, eventsPerSecond, shards, leastShards: Math.ceil(Math.max(ofBytes, ofRecords)) };
    })
    .filter(({ leastShards }) => leastShards > shards);
}
