import type { Journal } from "./journal.ts";
import { STATE_MAPS } from "./state-folder.ts";

/** How far the records of one stream have been handled. */
export interface Checkpoints {
  /** By shard, as it was when the state was opened. */
  readonly before: ReadonlyMap<string, string>;
  /** A shard's records have been handled through one. */
  handled(shardId: string, sequenceNumber: string): void;
}

/** Checkpoints of a stream in the journal: they follow the writes of the records that they are of. */
export function keepCheckpoints(journal: Journal, streamName: string): Checkpoints {
  const prefix = `${streamName}/`;
  const stored = [...journal.maps[STATE_MAPS.checkpoints]!].filter(([key]) => key.startsWith(prefix));
  return {
    before: new Map(stored.map(([key, value]) => [key.slice(prefix.length), Buffer.from(value).toString()])),
    handled: (shardId, sequenceNumber) => {
      const key = prefix + shardId;
      try {
        journal.change([{ map: STATE_MAPS.checkpoints, key, value: Buffer.from(sequenceNumber) }]);
      } catch {
        // The journal has told that it cannot be written. Records that are handed on again are known by their position.
      }
    },
  };
}
