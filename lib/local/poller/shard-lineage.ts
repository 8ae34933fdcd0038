import type { StreamShard } from "../list-shards.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { ShardPoller } from "./shard-poller.ts";
import type { ShardPosition, StartingPosition } from "./starting-position.ts";

/** A shard among those that it came from. */
export interface LineageShard {
  readonly shardId: string;
  /** Whether it was listed as closed: nothing is put to it any more. */
  isClosed: boolean;
  /** Null while its parents are not done with, and for a shard that is not read at all. */
  readonly poller: ShardPoller | null;
  /** Resolves to its poller; to null when there will be none. */
  readonly started: Promise<ShardPoller | null>;
  /** Resolves to whether it is closed and done with; to false when the mapping was stopped first. */
  readonly finished: Promise<boolean>;
}

/** The shards of a stream, each started when its parents are done with. */
export interface ShardLineage {
  readonly shards: readonly LineageShard[];
  /** Takes up the listed shards that were not known, and says which. */
  add(listed: readonly StreamShard[]): readonly LineageShard[];
  hasChildOf(shardId: string): boolean;
}

type Member = LineageShard & { readonly parentIds: readonly string[]; readonly wasRead: boolean };

/**
 * Holds a shard back until all records of its parents have been handled or discarded: what is put for a key after a
 * reshard follows what was put before. Kinesis leaves this to who reads it, as its page on
 * {@link https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html | what follows a reshard}
 * says. Parents that are listed no more have expired, and are not waited for.
 */
export function createShardLineage(options: {
  readonly startingPosition: StartingPosition;
  readonly checkpoints: Pick<Checkpoints, "after">;
  readonly startPoller: (shardId: string, from: ShardPosition) => ShardPoller;
  readonly stopping: AbortSignal;
}): ShardLineage {
  const { startingPosition, checkpoints, startPoller, stopping } = options;
  const members = new Map<string, Member>();
  let isFirstListing = true;

  function positionOf(shardId: string, parents: readonly Member[]): ShardPosition {
    const sequenceNumber = checkpoints.after(shardId);
    if (sequenceNumber !== undefined) return { type: "AFTER_SEQUENCE_NUMBER", sequenceNumber };
    // A child of a shard that was read goes on where that ended.
    if (!isFirstListing || parents.some(({ wasRead }) => wasRead)) return { type: "TRIM_HORIZON" };
    return startingPosition;
  }

  function take({ shardId, parentIds, isOpen }: StreamShard, parents: readonly Member[]): Member {
    const from = positionOf(shardId, parents);
    // Everything in it was put before the latest.
    const isPassed = from.type === "LATEST" && !isOpen;
    let poller: ShardPoller | null = null;
    const start = async (): Promise<ShardPoller | null> => {
      if (isPassed) return null;
      for (const { finished } of parents) if (!(await finished)) return null;
      if (stopping.aborted) return null;
      poller = startPoller(shardId, from);
      return poller;
    };
    const started = start();
    return {
      shardId,
      parentIds,
      isClosed: !isOpen,
      wasRead: from.type === "AFTER_SEQUENCE_NUMBER" || parents.some(({ wasRead }) => wasRead),
      get poller() {
        return poller;
      },
      started,
      finished: started.then(() => poller?.finished ?? isPassed),
    };
  }

  return {
    get shards() {
      return [...members.values()];
    },
    add(listed) {
      const byId = new Map(listed.map((shard) => [shard.shardId, shard]));
      const taken: Member[] = [];
      const takeWithParents = (shard: StreamShard): Member => {
        const known = members.get(shard.shardId);
        if (known !== undefined) {
          known.isClosed ||= !shard.isOpen;
          return known;
        }
        const parents = shard.parentIds.flatMap((parentId) => {
          const parent = byId.get(parentId);
          return parent === undefined ? (members.get(parentId) ?? []) : takeWithParents(parent);
        });
        const member = take(shard, parents);
        members.set(shard.shardId, member);
        taken.push(member);
        return member;
      };
      for (const shard of listed) takeWithParents(shard);
      isFirstListing = false;
      return taken;
    },
    hasChildOf: (shardId) => [...members.values()].some(({ parentIds }) => parentIds.includes(shardId)),
  };
}
