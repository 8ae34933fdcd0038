import type { Checkpoints } from "../poller/checkpoints.ts";
import type { Journal } from "./journal.ts";
import { STATE_MAPS } from "./state-folder.ts";

export interface KeptCheckpoints extends Checkpoints {
  /** By shard, as it was when the state was opened. */
  readonly before: ReadonlyMap<string, string>;
}

/** Checkpoints of a stream in the journal: they follow the writes of the records that they are of. */
export function keepCheckpoints(journal: Journal, streamName: string): KeptCheckpoints {
  const prefix = `${streamName}/`;
  const stored = [...journal.maps[STATE_MAPS.checkpoints]!].filter(([key]) => key.startsWith(prefix));
  const before = new Map(
    stored.map(([key, value]) => [key.slice(prefix.length), Buffer.from(value).toString()]),
  );
  return {
    before,
    after: (shardId) => {
      const value = journal.maps[STATE_MAPS.checkpoints]!.get(prefix + shardId);
      return value === undefined ? undefined : Buffer.from(value).toString();
    },
    advance: (shardId, sequenceNumber) => {
      const key = prefix + shardId;
      try {
        journal.change([{ map: STATE_MAPS.checkpoints, key, value: Buffer.from(sequenceNumber) }]);
      } catch {
        // The journal has told that it cannot be written. Records that are handed on again are known by their position.
      }
    },
  };
}
