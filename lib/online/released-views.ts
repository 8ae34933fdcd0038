import { FreshetError } from "../define/error.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { CapacityMeter } from "./capacity-meter.ts";
import { SYSTEM_KEY_PREFIX } from "./items.ts";
import { hasFolded, markUnknown, readProgress, warmFrom } from "./progress.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore, StoredItem } from "./state-store.ts";
import { NEVER, startKey } from "./view-start.ts";

/** Where it is kept which views the releases fold of a shard that were given its last batches. */
export function releasedViewsKey(writer: string): string {
  return `${SYSTEM_KEY_PREFIX}views|${writer}`;
}

/** Ids of views by the name of their aggregator: that which was given a batch of the shard last. */
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
 * The views that were folded of a shard last by the aggregator of others, whose release may have changed meanwhile: where
 * several share the table, the one that has any of these. Of a shard of which nothing was delivered yet, those of the
 * shards that it came of.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function viewsFoldedBeside(
  store: StateStore,
  viewIds: readonly string[],
  { writer, ancestors }: Pick<ShardWithAncestors, "writer" | "ancestors">,
): Promise<readonly string[]> {
  const items = await store.get([writer, ...ancestors].map(releasedViewsKey), { consistent: true });
  const own = items.get(releasedViewsKey(writer));
  const noted = own === undefined ? [...items.values()] : [own];
  return noted.flatMap((item) => {
    const releases = Object.values(parseReleasedViews(item));
    return releases
      .filter((views) => releases.length === 1 || views.some((id) => viewIds.includes(id)))
      .flat();
  });
}

/**
 * Notes that another release folds a shard from here on. A view of it that has folded something of the shard, or of one
 * that it came of, and that the release before left out (one that was rolled back, say), lacks what was delivered
 * meanwhile: it warms again from here (R2, R7), and where a lifetime would lack it for good, its freshness is unknown.
 *
 * The note is made after that, so that a crash in between has it done again; and of the shards that this one came of as
 * well, so that the next that is split off does not find the view left out there.
 *
 * @returns whether there is a view that warms again.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function noteRelease(
  store: StateStore,
  release: {
    readonly aggregator: string;
    readonly plans: readonly ViewPlan[];
    readonly shard: ShardWithAncestors;
    /** The shard's note, as it was read. */
    readonly noted: StoredItem | undefined;
    /** Arrival of the first record that the release is given, epoch ms. */
    readonly fromMs: number;
    readonly meter: CapacityMeter;
  },
): Promise<boolean> {
  const { aggregator, plans, shard, noted, fromMs, meter } = release;
  const keys = shard.ancestors.map(releasedViewsKey);
  const inherited =
    keys.length === 0 ? [] : [...(await store.get(keys, { consistent: true, meter })).values()];
  const ownOf = (item: StoredItem | undefined) => parseReleasedViews(item)[aggregator];
  const own = ownOf(noted);
  const last = own === undefined ? inherited.map(ownOf).filter((views) => views !== undefined) : [own];
  const leftOut = plans.filter(({ id }) => last.some((views) => !views.includes(id)));
  const isAny = leftOut.length > 0 && (await warmAgain(store, leftOut, { shard, fromMs }));
  for (const before of inherited) {
    if (ownOf(before) !== undefined && !isSameRelease(before, release)) {
      await note(store, before.pk, before, release);
    }
  }
  await note(store, releasedViewsKey(shard.writer), noted, release);
  return isAny;
}

/** Has views warm again that have folded something of the shard or of one that it came of; whether there are any. */
async function warmAgain(
  store: StateStore,
  plans: readonly ViewPlan[],
  { shard, fromMs }: { readonly shard: ShardWithAncestors; readonly fromMs: number },
): Promise<boolean> {
  const ids = plans.map(({ id }) => id);
  const writers = [shard.writer, ...shard.ancestors];
  const progress = await Promise.all(writers.map((writer) => readProgress(store, ids, writer)));
  let isAny = false;
  for (const { id, expiryMs } of plans) {
    const folded = writers.filter((_, index) => hasFolded(progress[index]!.get(id)));
    // What a lifetime lacks no window lets go of; it begins where that is recorded, before there is progress.
    if (expiryMs === null && (await hasBegunAny(store, id, writers))) {
      isAny = true;
      await markUnknown(store, id, shard);
    }
    isAny ||= folded.length > 0;
    for (const writer of folded) {
      const isClosed = writer !== shard.writer;
      await warmFrom(store, { viewId: id, writer, sinceMs: fromMs, isClosed });
    }
  }
  return isAny;
}

/** Whether it is recorded of any of the shards that a view begins it. */
async function hasBegunAny(store: StateStore, viewId: string, writers: readonly string[]): Promise<boolean> {
  const keys = writers.map((writer) => startKey(viewId, writer));
  const starts = await store.get(keys, { consistent: true });
  return [...starts.values()].some(({ from }) => from !== NEVER);
}

const NOTE_ATTEMPTS = 10;

async function note(
  store: StateStore,
  pk: string,
  read: StoredItem | undefined,
  release: {
    readonly aggregator: string;
    readonly plans: readonly ViewPlan[];
    readonly meter: CapacityMeter;
  },
): Promise<void> {
  const { aggregator, plans, meter } = release;
  const ownOf = (item: StoredItem | undefined) => parseReleasedViews(item)[aggregator]?.join();
  let before = read;
  for (let attempt = 0; attempt < NOTE_ATTEMPTS; attempt++) {
    const views = JSON.stringify({ ...parseReleasedViews(before), [aggregator]: namesOf(plans) });
    const expected = before === undefined ? null : { views: before.views! };
    const outcome = await store.put({ pk, views }, { expected, meter });
    if (outcome.status === "written") return;
    before =
      outcome.status === "conflict" && outcome.item !== undefined
        ? outcome.item
        : (await store.get([pk], { consistent: true, meter })).get(pk);
    if (isSameRelease(before, release)) return;
    // Another release of the same aggregator came between: which views it left out is seen by reading from the start.
    if (ownOf(before) !== ownOf(read)) break;
  }
  throw new FreshetError("STORE_UNAVAILABLE", `${pk}, which views fold the shard, was changed by others.`);
}
