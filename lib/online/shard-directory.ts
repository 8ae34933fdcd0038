import { FreshetError } from "../define/error.ts";
import type { Source } from "../define/types.ts";
import type { ShardContext } from "../engine/decode.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { Clock } from "../engine/ports/clock.ts";
import { writerName } from "../engine/position.ts";
import {
  controlAttributes,
  controlKey,
  keepClosedMs,
  mergeControl,
  parseControl,
  type StreamControl,
} from "./control.ts";
import type { StreamDescription } from "./describe-stream.ts";
import type { StateStore } from "./state-store.ts";

const WRITE_ATTEMPTS = 10;

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
   * The shard's writer and hash range, describing the stream and writing its control item first where needed.
   *
   * @throws FreshetError `STREAM_UNAVAILABLE`, `STORE_UNAVAILABLE`
   */
  shardOf(source: Source, shardId: string): Promise<ShardContext>;
}

interface Known {
  readonly readAtMs: number;
  readonly control: StreamControl;
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
    for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
      const item = (await store.get([pk], { consistent: true })).get(pk);
      const previous = item === undefined ? undefined : parseControl(item);
      const control = mergeControl(previous, description, { nowMs: readAtMs, keepMs });
      const attributes = controlAttributes(control);
      const expected = previous === undefined ? null : controlAttributes(previous);
      const unchanged =
        expected !== null && Object.keys(attributes).every((name) => attributes[name] === expected[name]);
      if (unchanged || (await store.put({ pk, ...attributes }, { expected })).status === "written") {
        return { readAtMs, control };
      }
    }
    throw new FreshetError(
      "STORE_UNAVAILABLE",
      `control item ${pk} changed ${WRITE_ATTEMPTS} times while the stream's shards were being written to it.`,
    );
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

  function find(source: Source, shardId: string): ShardContext | undefined {
    const entry = known.get(source.name);
    if (entry === undefined || clock.now() - entry.readAtMs > refreshMs) return undefined;
    const { arn, createdMs, shards } = entry.control;
    const writer = writerName(arn, createdMs, shardId);
    const shard = shards.find((candidate) => candidate.writer === writer);
    return shard === undefined ? undefined : { writer, hashRange: shard.hashRange };
  }

  return {
    async shardOf(source, shardId) {
      const shard = find(source, shardId);
      if (shard !== undefined) return shard;
      const { control } = await refreshOnce(source);
      const writer = writerName(control.arn, control.createdMs, shardId);
      const found = control.shards.find((candidate) => candidate.writer === writer);
      if (found === undefined) {
        throw new FreshetError(
          "STREAM_UNAVAILABLE",
          `stream ${control.arn} of source ${source.name} has no shard ${shardId}; it has ${control.shards.length} shards.`,
        );
      }
      return { writer, hashRange: found.hashRange };
    },
  };
}
