import { backoffMs } from "../../online/backoff.ts";
import { listShards } from "../list-shards.ts";
import { notDrained } from "./drain-requests.ts";
import { type EventSourceMappingOptions, mappingSettings } from "./mapping-options.ts";
import { createShardLineage, type LineageShard } from "./shard-lineage.ts";
import { type ShardPollerStats, startShardPoller } from "./shard-poller.ts";

/** A stream's records on their way to a handler. */
export interface EventSourceMapping {
  /** Says that something was put: idle shards are read at once. */
  wake(): void;
  /**
   * Resolves when everything put before the call has been handled with success, or discarded, in shards that came of
   * a reshard too. It does not wait for a batching window.
   * @throws FreshetError `STREAM_UNAVAILABLE` when the mapping is stopped first.
   */
  drained(): Promise<void>;
  /** Waits for the invocations under way, and begins none. */
  stop(): Promise<void>;
  /** Of the shards that have been begun, closed ones included. */
  stats(): readonly ShardPollerStats[];
}

/**
 * Hands a stream's records to a handler as Lambda's event source mapping does
 * ({@link https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html | with Kinesis}): one batch a shard at a time,
 * in order; shards side by side, children after their parents; from the lowest failed record on again, without limit
 * unless one is set.
 *
 * @throws FreshetError `OPTION_INVALID` for what Lambda would refuse; what Kinesis throws when the shards cannot be
 * listed at first.
 *
 * @example
 * ```ts
 * const mapping = await startEventSourceMapping({
 *   kinesis, streamName: "orders", streamArn, batchSize: 500,
 *   handler: async (event) => { console.log(event.Records.length); },
 *   onFailure: (failure) => console.error(failure),
 * });
 * await mapping.drained();
 * await mapping.stop();
 * ```
 */
export async function startEventSourceMapping(
  options: EventSourceMappingOptions,
): Promise<EventSourceMapping> {
  const settings = mappingSettings(options);
  const { kinesis, streamName, streamArn, startingPosition, checkpoints, timer, onFailure } = settings;
  const stopping = new AbortController();
  const lineage = createShardLineage({
    startingPosition,
    checkpoints,
    startPoller: (shardId, from) =>
      startShardPoller({ shard: { streamName, streamArn, shardId }, from, settings }),
    stopping: stopping.signal,
  });
  const searches = new Set<Promise<void>>();

  const take = (listed: Awaited<ReturnType<typeof listShards>>) => {
    for (const shard of lineage.add(listed)) {
      const search = findChildrenOf(shard);
      searches.add(search);
      void search.then(() => searches.delete(search));
    }
  };

  /** Lists the shards until that succeeds. */
  async function relist(): Promise<void> {
    for (let attempt = 1; !stopping.signal.aborted; attempt++) {
      try {
        take(await listShards(kinesis, streamName));
        return;
      } catch (error) {
        const retryInMs = backoffMs(settings.retryBackoffMs, attempt - 1);
        onFailure({ shardId: null, during: "list", error, sequenceNumber: null, attempt, retryInMs });
        await timer.sleep(retryInMs, stopping.signal);
      }
    }
  }

  /** A closed shard has children: whatever is new in a stream comes of one. */
  async function findChildrenOf({ shardId, finished }: LineageShard): Promise<void> {
    if (!(await finished)) return;
    for (let searched = 0; !lineage.hasChildOf(shardId) && !stopping.signal.aborted; searched++) {
      if (searched > 0) await timer.sleep(backoffMs(settings.idleBackoffMs, searched - 1), stopping.signal);
      await relist();
    }
  }

  take(await listShards(kinesis, streamName));
  const pollers = () => lineage.shards.flatMap(({ poller }) => poller ?? []);
  return {
    wake: () => {
      for (const poller of pollers()) poller.wake();
    },
    async drained() {
      await relist();
      await Promise.all(
        lineage.shards.map(async ({ shardId, isClosed, started, finished }) => {
          const poller = await started;
          if (poller !== null) await poller.drained({ untilEnd: isClosed });
          else if (!(await finished)) throw notDrained(shardId);
        }),
      );
    },
    async stop() {
      stopping.abort();
      await Promise.all(pollers().map((poller) => poller.stop()));
      await Promise.all(searches);
    },
    stats: () => pollers().map((poller) => poller.stats()),
  };
}
