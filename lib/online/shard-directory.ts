import { FreshetError } from "../define/error.ts";
import type { Source } from "../define/types.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { Clock } from "../engine/ports/clock.ts";
import { writerName } from "../engine/position.ts";
import { changeItem } from "./change-item.ts";
import {
  type ControlShard,
  controlAttributes,
  controlKey,
  keepClosedMs,
  mergeControl,
  parseControl,
} from "./control.ts";
import type { StreamDescription } from "./describe-stream.ts";
import { type ShardWithAncestors, withAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";

export interface ShardDirectoryOptions {
  /** Describes a source's stream: {@link describeStream} in all but simulations. */
  readonly describe: (source: Source) => Promise<StreamDescription>;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly plans: readonly ViewPlan[];
  /**
   * How long a description is relied on while no unknown shard shows up: a stream that was deleted and made again
   * has the same names, and is told apart by this alone.
   * @default 300000
   */
  readonly refreshMs?: number;
}

/** What the aggregator knows of the shards it is handed. */
export interface ShardDirectory {
  /**
   * The shard's writer, hash range and ancestors, describing the stream and writing its control item first where needed.
   *
   * @throws FreshetError `STREAM_UNAVAILABLE`, `STORE_UNAVAILABLE`
   */
  shardOf(source: Source, shardId: string): Promise<ShardWithAncestors>;
  /**
   * The shards that came of one, at any remove, by a new description.
   *
   * @throws FreshetError `STREAM_UNAVAILABLE`, `STORE_UNAVAILABLE`
   */
  descendantsOf(source: Source, writer: string): Promise<readonly ShardWithAncestors[]>;
}

interface Known {
  readonly readAtMs: number;
  readonly arn: string;
  readonly createdMs: number;
  readonly listed: ReadonlyMap<string, ControlShard>;
  /** Those that were asked for. */
  readonly found: Map<string, ShardWithAncestors>;
}

export function createShardDirectory(options: ShardDirectoryOptions): ShardDirectory {
  const { describe, store, clock, plans, refreshMs = 300_000 } = options;
  const known = new Map<string, Known>();
  const refreshing = new Map<string, Promise<Known>>();

  async function refresh(source: Source): Promise<Known> {
    const readAtMs = clock.now();
    const description = await describe(source);
    const pk = controlKey(source.name);
    const keepMs = keepClosedMs(plans.filter((plan) => plan.view.source.name === source.name));
    const stands = await changeItem(store, {
      pk,
      change: (item) => {
        const previous = item === undefined ? undefined : parseControl(item);
        const attributes = controlAttributes(
          mergeControl(previous, description, { nowMs: readAtMs, keepMs }),
        );
        if (Object.keys(attributes).every((name) => attributes[name] === item?.[name])) return null;
        const expected = previous === undefined ? null : controlAttributes(previous);
        return { item: { pk, ...attributes }, expected };
      },
    });
    const { arn, createdMs, shards } = parseControl(stands!);
    const listed = new Map(shards.map((shard) => [shard.writer, shard]));
    return { readAtMs, arn, createdMs, listed, found: new Map() };
  }

  function refreshOnce(source: Source): Promise<Known> {
    let running = refreshing.get(source.name);
    if (running === undefined) {
      running = refresh(source)
        .then((fresh) => {
          known.set(source.name, fresh);
          return fresh;
        })
        .finally(() => refreshing.delete(source.name));
      refreshing.set(source.name, running);
    }
    return running;
  }

  function find({ arn, createdMs, listed, found }: Known, shardId: string): ShardWithAncestors | undefined {
    const writer = writerName(arn, createdMs, shardId);
    let shard = found.get(writer);
    if (shard !== undefined) return shard;
    const controlShard = listed.get(writer);
    if (controlShard === undefined) return undefined;
    shard = withAncestors(controlShard, listed);
    found.set(writer, shard);
    return shard;
  }

  return {
    async shardOf(source, shardId) {
      const entry = known.get(source.name);
      const isRecent = entry !== undefined && clock.now() - entry.readAtMs <= refreshMs;
      const remembered = isRecent ? find(entry, shardId) : undefined;
      if (remembered !== undefined) return remembered;
      const fresh = await refreshOnce(source);
      const shard = find(fresh, shardId);
      if (shard === undefined) {
        throw new FreshetError(
          "STREAM_UNAVAILABLE",
          `stream ${fresh.arn} of source ${source.name} has no shard ${shardId}; it has ${fresh.listed.size} shards.`,
        );
      }
      return shard;
    },
    async descendantsOf(source, writer) {
      const { listed } = await refreshOnce(source);
      return [...listed.values()]
        .map((shard) => withAncestors(shard, listed))
        .filter(({ ancestors }) => ancestors.includes(writer));
    },
  };
}
