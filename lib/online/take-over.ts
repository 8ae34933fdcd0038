import type { ViewPlan } from "../engine/plan.ts";
import { compareSequenceNumbers } from "../engine/position.ts";
import { stampProgress } from "./amend-progress.ts";
import type { BatchPreview } from "./batch-preview.ts";
import type { CapacityMeter } from "./capacity-meter.ts";
import { begunIn, type InheritedNote, inheritNote } from "./inherited-note.ts";
import {
  epochOf,
  hasBegun,
  hasFolded,
  NOTHING_FOLDED,
  readProgress,
  type ShardProgress,
} from "./progress.ts";
import { noteIn, type ReleaseNote, writeNote } from "./release-note.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore, StoredItem } from "./state-store.ts";
import { NEVER, readStarts, recordStarts } from "./view-start.ts";
import { warmViews } from "./warm-views.ts";

/** A release of an aggregator that is given a batch of a shard. */
export interface GivenShard {
  readonly store: StateStore;
  readonly aggregator: string;
  readonly plans: readonly ViewPlan[];
  readonly shard: ShardWithAncestors;
  /** The shard's notes, as they were read with progress. */
  readonly noted: StoredItem | undefined;
  readonly progress: ReadonlyMap<string, ShardProgress>;
  readonly meter: CapacityMeter;
}

/**
 * Whether the release is the one that the shard's batches were given to last, so that its progress may be relied on. One of
 * no views has none, and notes each batch.
 */
export function holdsShard({ aggregator, plans, noted, progress }: GivenShard): boolean {
  const note = noteIn(noted, aggregator);
  return (
    note !== undefined &&
    plans.length > 0 &&
    note.folds.join() === idsOf(plans).join() &&
    plans.every(({ id }) => epochOf(progress.get(id), aggregator) === note.epoch)
  );
}

const idsOf = (plans: readonly ViewPlan[]): readonly string[] => plans.map(({ id }) => id).sort();

/** A shard that a release has taken over. */
export interface TakenShard {
  readonly epoch: number;
  /** Where views begin it that had not begun it. */
  readonly starts: ReadonlyMap<string, string>;
  /** Whether progress may be other than it was read. */
  readonly isAmended: boolean;
}

/** A batch of which something has an arrival. */
type FirstBatch = BatchPreview & { readonly first: NonNullable<BatchPreview["first"]> };

/**
 * Has a release take a shard over, with its first batch. Progress of all views concerned is made its own first: an
 * invocation of the release before, which may go on after its time, finishes nothing from then on, so that what is read
 * of progress holds as the note is written. Then
 *
 * - views that had begun the shard, or one that it came of, and were left out since, warm again ({@link warmViews});
 * - views that have not begin behind all that others have finished: the batch may be one of long ago, delivered to an
 *   invocation that goes on after its time;
 * - the note is written, last, so that what a crash cuts off is done again.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`, also when another release takes the shard over meanwhile
 */
export async function takeOver(given: GivenShard, batch: FirstBatch): Promise<TakenShard> {
  const { store, aggregator, plans, shard, noted, meter } = given;
  const { writer, ancestors } = shard;
  const { first, lastEvent } = batch;
  const viewIds = idsOf(plans);
  const note = noteIn(noted, aggregator);
  const before = note ?? {
    ...NOTHING_FINISHED,
    ...(await inheritNote(store, shard, { aggregator, viewIds, meter })),
  };
  const known = [...before.folds, ...before.keeps];
  const beside = [...new Set([...viewIds, ...known])];
  const readAll = () => readProgress(store, beside, writer, meter);
  const { epoch, progress } =
    note === undefined
      ? { epoch: 0, progress: known.length === 0 ? given.progress : await readAll() }
      : await stampAll(given, note.epoch, beside);
  const reached = await readReached(store, writer, known, progress);
  const through = later(before.through, lowestOf(before.folds.flatMap((id) => reached.get(id) ?? [])));

  const from = isAtMost(first.sequenceNumber, through) ? neighbour(through, 1n) : first.sequenceNumber;
  const unbegun = viewIds.filter((id) => !hasBegun(progress.get(id)));
  const starts = await recordStarts(store, unbegun, { shard, fromSequenceNumber: from, meter });
  const others = viewIds.filter((id) => !known.includes(id));
  const begun = await begunIn(store, others, ancestors);
  // A start that is another's is one that a release began before, though it may have finished nothing.
  const hasBegunBefore = (id: string) =>
    begun.has(id) || before.begunBefore.includes(id) || ![from, NEVER].includes(starts.get(id) ?? "");
  const isLeftOut = (id: string) =>
    note === undefined ? before.lacks.includes(id) : others.includes(id) && hasBegunBefore(id);
  const leftOut = plans.filter(({ id }) => isLeftOut(id));
  // Where a shard is closed to it, the view began one that came of it: that tells since when it warms.
  const isNew = ({ id }: ViewPlan) => others.includes(id) && !isLeftOut(id) && starts.get(id) !== NEVER;
  const isWarmed = await warmViews(store, shard, {
    leftOut,
    begins: plans.filter(isNew),
    beside,
    first: { ...first, arrivalMs: Math.max(first.arrivalMs, before.arrivalMs) },
  });

  const isEmpty = viewIds.length === 0;
  const next = {
    epoch,
    folds: viewIds,
    ...without(before, viewIds, { lastEvent, reached }),
    // A release of no views finishes what it is given by being given it.
    through: isEmpty ? later(through, batch.last) : through,
    arrivalMs: isEmpty ? Math.max(before.arrivalMs, batch.latestMs) : before.arrivalMs,
  };
  await writeNote(store, { writer, aggregator, read: noted, note: next, meter });
  return { epoch, starts, isAmended: note !== undefined || isWarmed };
}

const NOTHING_FINISHED = { folds: [], through: NOTHING_FOLDED, arrivalMs: 0 };

/** Makes progress of views that of the shard's next release, one by one. */
async function stampAll(
  { store, aggregator, shard: { writer }, meter }: GivenShard,
  noted: number,
  viewIds: readonly string[],
): Promise<{ readonly epoch: number; readonly progress: ReadonlyMap<string, ShardProgress> }> {
  const stored = await readProgress(store, viewIds, writer, meter);
  const epoch = 1 + Math.max(noted, ...viewIds.map((id) => epochOf(stored.get(id), aggregator)));
  const progress = new Map<string, ShardProgress>();
  // One after the other: where one fails, none is still on its way as the batch is given back.
  for (const id of viewIds) {
    progress.set(id, await stampProgress(store, id, { writer, aggregator, epoch }));
  }
  return { epoch, progress };
}

/**
 * By view, the last record of a shard that it has finished: where it has finished nothing, all before its beginning is done
 * with. Views that have not begun, or are closed, are none of them.
 *
 * @param progress - of all these views, as far as they have any.
 */
export async function readReached(
  store: StateStore,
  writer: string,
  viewIds: readonly string[],
  progress: ReadonlyMap<string, ShardProgress>,
): Promise<ReadonlyMap<string, string>> {
  const unfolded = viewIds.filter((id) => !hasFolded(progress.get(id)));
  const starts = await readStarts(store, unfolded, writer);
  const reached = viewIds.flatMap((id) => {
    const stored = progress.get(id);
    const isClosed = stored?.fromSequenceNumber === NEVER;
    if (hasFolded(stored)) return [[id, stored.sequenceNumber] as const];
    const start = starts.get(id) ?? NEVER;
    return isClosed || start === NEVER ? [] : [[id, neighbour(start, -1n)] as const];
  });
  return new Map(reached);
}

/**
 * The views of a note that a release leaves out of a batch: those that lack nothing of it, since there is no event in it or
 * they have folded it before and it is delivered again, and those that do.
 */
export function without(
  { folds, keeps, lacks, begunBefore }: Pick<ReleaseNote, "folds" | keyof InheritedNote>,
  viewIds: readonly string[],
  { lastEvent, reached }: Pick<BatchPreview, "lastEvent"> & { readonly reached: ReadonlyMap<string, string> },
): InheritedNote {
  const isOut = (id: string) => !viewIds.includes(id);
  const lacksNothing = (id: string) =>
    lastEvent === null || isAtMost(lastEvent, reached.get(id) ?? NOTHING_FOLDED);
  const left = [...folds, ...keeps].filter(isOut);
  return {
    keeps: left.filter(lacksNothing).sort(),
    lacks: [...lacks, ...left.filter((id) => !lacksNothing(id))].filter(isOut).sort(),
    begunBefore,
  };
}

const isAtMost = (sequenceNumber: string, other: string): boolean =>
  compareSequenceNumbers(sequenceNumber, other) <= 0;

const later = (sequenceNumber: string, other: string): string =>
  isAtMost(sequenceNumber, other) ? other : sequenceNumber;

const lowestOf = (sequenceNumbers: readonly string[]): string =>
  sequenceNumbers.length === 0
    ? NOTHING_FOLDED
    : sequenceNumbers.reduce((lowest, each) => (isAtMost(lowest, each) ? lowest : each));

/** What comes just behind a sequence number, or just before it: they are decimals, opaque but for their order. */
const neighbour = (sequenceNumber: string, by: 1n | -1n): string => String(BigInt(sequenceNumber) + by);
