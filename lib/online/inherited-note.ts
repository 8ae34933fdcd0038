import type { CapacityMeter } from "./capacity-meter.ts";
import { noteIn, type ReleaseNote, releasedViewsKey } from "./release-note.ts";
import { parentsOf, type ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";
import { NEVER, readStarts } from "./view-start.ts";

/** What is known of a shard's views before its first batch: as if a release of none had been given the shard. */
export type InheritedNote = Pick<ReleaseNote, "keeps" | "lacks" | "begunBefore">;

/**
 * What a shard inherits of the notes of its parents, or of theirs where one was given nothing: of the views noted there,
 * and of this release, those that had begun them.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function inheritNote(
  store: StateStore,
  shard: ShardWithAncestors,
  release: {
    readonly aggregator: string;
    readonly viewIds: readonly string[];
    readonly meter: CapacityMeter;
  },
): Promise<InheritedNote> {
  const { aggregator, viewIds, meter } = release;
  const notes = await nearestNotes(store, shard, aggregator, meter);
  const keeps = new Set<string>();
  const lacks = new Set<string>();
  const begunBefore = new Set<string>();
  for (const [writer, note] of notes) {
    const kept = [...note.folds, ...note.keeps];
    const ids = [...new Set([...kept, ...note.lacks, ...viewIds])];
    const begun = await begunThrough(store, ids, writer, shard);
    for (const id of ids) {
      if (!begun.has(id) && !note.begunBefore.includes(id)) continue;
      begunBefore.add(id);
      (kept.includes(id) ? keeps : lacks).add(id);
    }
  }
  return {
    keeps: [...keeps].filter((id) => !lacks.has(id)),
    lacks: [...lacks],
    begunBefore: [...begunBefore],
  };
}

/** The notes of a shard's parents, or where one has none those of its parents, by their writers. */
async function nearestNotes(
  store: StateStore,
  shard: ShardWithAncestors,
  aggregator: string,
  meter: CapacityMeter,
): Promise<ReadonlyMap<string, ReleaseNote>> {
  const notes = new Map<string, ReleaseNote>();
  if (shard.ancestors.length === 0) return notes;
  const items = await store.get(shard.ancestors.map(releasedViewsKey), { consistent: true, meter });
  const waiting = new Set(parentsOf(shard));
  // A set hands on what is added to it on the way.
  for (const writer of waiting) {
    const note = noteIn(items.get(releasedViewsKey(writer)), aggregator);
    if (note !== undefined) notes.set(writer, note);
    else for (const parent of parentsOf(shard, writer)) waiting.add(parent);
  }
  return notes;
}

/** Of views, those that have begun an ancestor of a shard, or one that it came of. */
async function begunThrough(
  store: StateStore,
  viewIds: readonly string[],
  ancestor: string,
  { ancestors, ancestorsOf }: ShardWithAncestors,
): Promise<ReadonlySet<string>> {
  const writers = [ancestor, ...(ancestorsOf?.get(ancestor) ?? ancestors)];
  return begunIn(store, viewIds, [...new Set(writers)]);
}

/** Of views, those that have begun one of these shards: that is recorded before anything of it is folded. */
export async function begunIn(
  store: StateStore,
  viewIds: readonly string[],
  writers: readonly string[],
): Promise<ReadonlySet<string>> {
  const starts = await Promise.all(writers.map((writer) => readStarts(store, viewIds, writer)));
  return new Set(viewIds.filter((id) => starts.some((each) => (each.get(id) ?? NEVER) !== NEVER)));
}
