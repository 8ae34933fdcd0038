import { FreshetError } from "../define/error.ts";
import type { ViewPlan } from "../engine/plan.ts";
import { compareSequenceNumbers } from "../engine/position.ts";
import type { CapacityMeter } from "./capacity-meter.ts";
import { SYSTEM_KEY_PREFIX } from "./items.ts";
import { readProgress } from "./progress.ts";
import { warmAgain } from "./returned-views.ts";
import { parentsOf, type ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore, StoredItem } from "./state-store.ts";

/** Where it is kept which views the releases fold of a shard that were given its last batches. */
export function releasedViewsKey(writer: string): string {
  return `${SYSTEM_KEY_PREFIX}views|${writer}`;
}

/** Ids of views, by the name of their aggregator, that its releases left out of nothing which the shard delivered to them. */
type ReleasedViews = Readonly<Record<string, readonly string[]>>;

function parseReleasedViews(item: StoredItem | undefined): ReleasedViews {
  return item === undefined ? {} : (JSON.parse(item.views as string) as ReleasedViews);
}

/** Whether the views of an aggregator's release are those that it folded last. */
export function isSameRelease(
  noted: StoredItem | undefined,
  { aggregator, plans }: { readonly aggregator: string; readonly plans: readonly ViewPlan[] },
): boolean {
  return namesOf(plans).join() === parseReleasedViews(noted)[aggregator]?.join();
}

const namesOf = (plans: readonly ViewPlan[]): readonly string[] => plans.map(({ id }) => id).sort();

/**
 * The views that the aggregator of these folded of a shard last, whose release may have changed meanwhile: where several
 * share the table, the one that has any of them, in whatever version. Those of the shards that it came of are among them: it
 * may have been given nothing of the shard yet.
 *
 * @returns their ids.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function viewsFoldedBeside(
  store: StateStore,
  plans: readonly ViewPlan[],
  { writer, ancestors }: Pick<ShardWithAncestors, "writer" | "ancestors">,
): Promise<readonly string[]> {
  const items = await store.get([writer, ...ancestors].map(releasedViewsKey), { consistent: true });
  const notes = [...items.values()].flatMap((item) => Object.entries(parseReleasedViews(item)));
  const isOne = new Set(notes.map(([aggregator]) => aggregator)).size === 1;
  const isVersion = (id: string) => plans.some(({ view }) => id.startsWith(`${view.name}@`));
  return notes.flatMap(([, views]) => (isOne || views.some(isVersion) ? views : []));
}

/** A release of an aggregator that is given a batch of a shard. */
export interface GivenBatch {
  readonly aggregator: string;
  readonly plans: readonly ViewPlan[];
  readonly shard: ShardWithAncestors;
  /** The shard's note, as it was read. */
  readonly noted: StoredItem | undefined;
  /** What these views have folded of the shard, and the first of the batch, arrived by then, epoch ms. */
  readonly fromMs: number;
  /** The last of it that a view could lack, which a heartbeat is not, nor what no view can take; null: none. */
  readonly lastRecord: string | null;
  /** Whether a view had folded all of it before: it may be a late invocation's, and others were given more meanwhile. */
  readonly isFoldedBefore: boolean;
  readonly meter: CapacityMeter;
}

/**
 * Notes that another release folds a shard from here on. A view of it that had begun the shard, or one that it came of, and
 * that the release before left out (one that was rolled back, say), lacks what was delivered meanwhile: it warms again
 * from here ({@link warmAgain}). The note is made after that, so that a crash in between has it done again.
 *
 * @returns whether there is a view that warms again.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function noteRelease(store: StateStore, batch: GivenBatch): Promise<boolean> {
  const { aggregator, plans, shard, noted, fromMs, meter } = batch;
  const own = parseReleasedViews(noted)[aggregator];
  const inherited =
    own === undefined && shard.ancestors.length > 0
      ? await store.get(shard.ancestors.map(releasedViewsKey), { consistent: true, meter })
      : new Map<string, StoredItem>();
  const notes = nearestNotes(shard, (writer) =>
    writer === shard.writer ? own : parseReleasedViews(inherited.get(releasedViewsKey(writer)))[aggregator],
  );
  const leftOut = plans.flatMap((plan) => {
    const writers = shardsWithout(plan.id, shard, notes);
    return writers.length === 0 ? [] : [{ plan, writers }];
  });
  const ids = namesOf(plans);
  const beside = [...new Set([...ids, ...[...notes.values()].flat()])];
  const isAny = leftOut.length > 0 && (await warmAgain(store, leftOut, { shard, fromMs, beside }));
  // What is delivered next has it warm from there, then.
  if (isAny && batch.isFoldedBefore) return true;
  // Nobody lacks anything of it: what the shard came of tells still.
  if (own === undefined && batch.lastRecord === null) return isAny;
  const without = own?.filter((id) => !ids.includes(id)) ?? [];
  const views = [...ids, ...(await lackNothing(store, without, batch))].sort();
  await note(store, releasedViewsKey(shard.writer), { aggregator, views, read: noted, meter });
  return isAny;
}

/** The notes that tell which views were folded before a batch, by their shards. */
type Notes = ReadonlyMap<string, readonly string[]>;

/** The note of the shard, or where it has none yet those of its parents, or of theirs. */
function nearestNotes(
  shard: ShardWithAncestors,
  notedOf: (writer: string) => readonly string[] | undefined,
): Notes {
  const notes = new Map<string, readonly string[]>();
  const waiting = new Set([shard.writer]);
  // A set hands on what is added to it on the way.
  for (const writer of waiting) {
    const views = notedOf(writer);
    if (views !== undefined) notes.set(writer, views);
    else for (const parent of parentsOf(shard, writer)) waiting.add(parent);
  }
  return notes;
}

/** The shards that a view was left out of, with all that they came of. */
function shardsWithout(
  viewId: string,
  { writer, ancestors, ancestorsOf }: ShardWithAncestors,
  notes: Notes,
): readonly string[] {
  const before = (each: string) => (each === writer ? ancestors : (ancestorsOf?.get(each) ?? ancestors));
  const without = [...notes].filter(([, views]) => !views.includes(viewId)).map(([each]) => each);
  return [...new Set(without.flatMap((each) => [each, ...before(each)]))];
}

/**
 * Of views that a release leaves out, those that lack nothing of its batch: there is no event in it, or they have
 * folded it before and it is delivered again.
 */
async function lackNothing(
  store: StateStore,
  viewIds: readonly string[],
  { shard, lastRecord, meter }: GivenBatch,
): Promise<readonly string[]> {
  if (lastRecord === null || viewIds.length === 0) return viewIds;
  const progress = await readProgress(store, viewIds, shard.writer, meter);
  return viewIds.filter((id) => {
    const folded = progress.get(id)?.sequenceNumber;
    return folded !== undefined && compareSequenceNumbers(folded, lastRecord) >= 0;
  });
}

const NOTE_ATTEMPTS = 10;

async function note(
  store: StateStore,
  pk: string,
  {
    aggregator,
    views,
    read,
    meter,
  }: {
    readonly aggregator: string;
    readonly views: readonly string[];
    readonly read: StoredItem | undefined;
    readonly meter: CapacityMeter;
  },
): Promise<void> {
  const ownOf = (item: StoredItem | undefined) => parseReleasedViews(item)[aggregator]?.join();
  let before = read;
  for (let attempt = 0; attempt < NOTE_ATTEMPTS; attempt++) {
    if (ownOf(before) === views.join()) return;
    // Another release of the same aggregator came between: which views it left out is seen by reading from the start.
    if (ownOf(before) !== ownOf(read)) break;
    const next = { pk, views: JSON.stringify({ ...parseReleasedViews(before), [aggregator]: views }) };
    const expected = before === undefined ? null : { views: before.views! };
    const outcome = await store.put(next, { expected, meter });
    if (outcome.status === "written") return;
    before =
      outcome.status === "conflict" && outcome.item !== undefined
        ? outcome.item
        : (await store.get([pk], { consistent: true, meter })).get(pk);
  }
  throw new FreshetError("STORE_UNAVAILABLE", `${pk}, which views fold the shard, was changed by others.`);
}
