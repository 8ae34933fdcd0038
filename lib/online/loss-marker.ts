import type { Source } from "../define/types.ts";
import type { ViewPlan } from "../engine/plan.ts";
import { markUnknown } from "./amend-progress.ts";
import { viewsFoldedBeside } from "./release-note.ts";
import type { ShardDirectory } from "./shard-directory.ts";
import type { StateStore } from "./state-store.ts";

/** Records of a shard that no view will fold. */
export interface LostRecords {
  readonly source: Source;
  readonly shardId: string;
}

/**
 * Does what a message of the on-failure destination calls for: marks the shard unknown for the views over its source, until
 * they are rebuilt from history (R2), and for those that were folded last, which may be another release's that comes back;
 * and all shards that came of it. Doing it again changes nothing.
 *
 * @returns the views, by id. Its caller may have to try again: it rejects with `STREAM_UNAVAILABLE`, `STORE_UNAVAILABLE`.
 */
export function createLossMarker(options: {
  readonly store: StateStore;
  readonly directory: ShardDirectory;
  readonly plans: readonly ViewPlan[];
}): (lost: LostRecords) => Promise<readonly string[]> {
  const { store, directory, plans } = options;
  return async ({ source, shardId }) => {
    const concerned = plans.filter(({ view }) => view.source.name === source.name);
    const shard = await directory.shardOf(source, shardId);
    const own = concerned.map(({ id }) => id);
    const ids = new Set([...own, ...(await viewsFoldedBeside(store, concerned, shard))]);
    for (const id of ids) await markUnknown(store, id, shard);
    // Those that begin from here on inherit the mark; the others would lose it once the shard is listed no more.
    for (const descendant of await directory.descendantsOf(source, shard.writer)) {
      for (const id of ids) await markUnknown(store, id, descendant);
    }
    return [...ids];
  };
}
