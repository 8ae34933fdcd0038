/** How far a stream's shards have been handled, kept for a mapping that is started again. */
export interface Checkpoints {
  /** The record that was handled, or discarded, with all before it; undefined when there is none. */
  after(shardId: string): string | undefined;
  /** A shard's records have been handled or discarded through one. The next batch waits for it. */
  advance(shardId: string, sequenceNumber: string): void | Promise<void>;
}

/** Checkpoints in memory: a mapping that is given the same map goes on from there. */
export function memoryCheckpoints(reached: Map<string, string> = new Map()): Checkpoints {
  return {
    after: (shardId) => reached.get(shardId),
    advance: (shardId, sequenceNumber) => void reached.set(shardId, sequenceNumber),
  };
}
