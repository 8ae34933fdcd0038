import { FreshetError } from "../define/error.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { CapacityMeter } from "./capacity-meter.ts";
import { changeItem } from "./change-item.ts";
import { SYSTEM_KEY_PREFIX } from "./items.ts";
import { NOTHING_FOLDED } from "./progress.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore, StoredItem } from "./state-store.ts";

/** What the releases of an aggregator have folded of a shard: the ids of their views. */
export interface ReleaseNote {
  /** Raised by each release that takes the shard over from another. */
  readonly epoch: number;
  /** Views of the release that is given the shard's batches. */
  readonly folds: readonly string[];
  /** Views that it leaves out and that lack nothing yet: no event was delivered since, or none that they had not folded. */
  readonly keeps: readonly string[];
  /** Views that it, or one before, left out of events. */
  readonly lacks: readonly string[];
  /** All that a release had finished as it was left or taken over: no view begins before that. */
  readonly through: string;
  /** What arrived through a release of no views, that has no progress to tell by, epoch ms; 0: nothing. */
  readonly arrivalMs: number;
  /** Which of all these had begun a shard that this one came of: it may be listed no more when they return. */
  readonly begunBefore: readonly string[];
}

type Notes = Readonly<Record<string, ReleaseNote>>;

/** A note of before releases took shards over: the ids of their views alone. */
const ofIds = (folds: readonly string[]): ReleaseNote => ({
  epoch: 0,
  folds,
  keeps: [],
  lacks: [],
  begunBefore: [],
  through: NOTHING_FOLDED,
  arrivalMs: 0,
});

/** Where a shard's notes are kept, one an aggregator. */
export function releasedViewsKey(writer: string): string {
  return `${SYSTEM_KEY_PREFIX}views|${writer}`;
}

function notesIn(item: StoredItem | undefined): Notes {
  if (item === undefined) return {};
  const notes = JSON.parse(item.views as string) as Readonly<Record<string, ReleaseNote | readonly string[]>>;
  return Object.fromEntries(
    Object.entries(notes).map(([aggregator, note]) => [aggregator, "folds" in note ? note : ofIds(note)]),
  );
}

/** An aggregator's note in a shard's item. */
export function noteIn(item: StoredItem | undefined, aggregator: string): ReleaseNote | undefined {
  const notes = notesIn(item);
  return Object.hasOwn(notes, aggregator) ? notes[aggregator] : undefined;
}

/**
 * Writes an aggregator's note on condition that it still is what was read. The notes of others may have moved meanwhile.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`, when another release of the aggregator came between
 */
export async function writeNote(
  store: StateStore,
  write: {
    readonly writer: string;
    readonly aggregator: string;
    /** The shard's item, as it was read. */
    readonly read: StoredItem | undefined;
    readonly note: ReleaseNote;
    readonly meter: CapacityMeter;
  },
): Promise<void> {
  const { aggregator, read, note, meter } = write;
  const pk = releasedViewsKey(write.writer);
  const textIn = (item: StoredItem | undefined) => JSON.stringify(noteIn(item, aggregator));
  await changeItem(store, {
    pk,
    read: { item: read },
    change: (stands) => {
      if (textIn(stands) === JSON.stringify(note)) return null;
      if (textIn(stands) !== textIn(read)) {
        const message = `another release has noted by now which views fold the shard ${write.writer}.`;
        throw new FreshetError("STORE_UNAVAILABLE", message);
      }
      const item = { pk, views: JSON.stringify({ ...notesIn(stands), [aggregator]: note }) };
      return { item, expected: stands === undefined ? null : { views: stands.views! } };
    },
    meter,
  });
}

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
  const notes = [...items.values()].flatMap((item) => Object.entries(notesIn(item)));
  const isOne = new Set(notes.map(([aggregator]) => aggregator)).size === 1;
  const isVersion = (id: string) => plans.some(({ view }) => id.startsWith(`${view.name}@`));
  return notes.flatMap(([, { folds, keeps }]) => {
    const views = [...folds, ...keeps];
    return isOne || views.some(isVersion) ? views : [];
  });
}
