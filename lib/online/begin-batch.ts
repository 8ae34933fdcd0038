import { FreshetError } from "../define/error.ts";
import type { Source } from "../define/types.ts";
import type { PassingDecoder } from "../engine/decode.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { DeliveredRecord } from "../engine/record.ts";
import { previewBatch } from "./batch-preview.ts";
import type { CapacityMeter } from "./capacity-meter.ts";
import { inheritMarks } from "./inherit-marks.ts";
import { epochOf, hasBegun, progressIn, progressKey, readProgress, type ShardProgress } from "./progress.ts";
import { noteIn, type ReleaseNote, releasedViewsKey, writeNote } from "./release-note.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore } from "./state-store.ts";
import { type GivenShard, holdsShard, readReached, takeOver, without } from "./take-over.ts";
import { NEVER, recordStarts } from "./view-start.ts";

/** A batch that is to be folded. */
export interface BatchBeginning {
  readonly store: StateStore;
  readonly source: Source;
  readonly decode: PassingDecoder["decode"];
  readonly plans: readonly ViewPlan[];
  readonly aggregator: string;
  readonly shard: ShardWithAncestors;
  /** One at least. */
  readonly records: readonly DeliveredRecord[];
  readonly meter: CapacityMeter;
}

/** How far the views have come in the batch's shard. */
export interface ShardReached {
  readonly progress: ReadonlyMap<string, ShardProgress>;
  /** The first record that a view folds of the shard. */
  readonly startOf: (viewId: string) => string;
}

/**
 * Reads the views' progress in a shard, by one strongly consistent read. A batch that is the first of another release, or
 * of a view, has what follows from that written before: nothing is folded until it stands.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function beginBatch(batch: BatchBeginning): Promise<ShardReached> {
  const { store, source, decode, plans, aggregator, shard, records, meter } = batch;
  const viewIds = plans.map(({ id }) => id);
  const read = () => readGiven(batch, viewIds);
  const given = await read();
  const note = noteIn(given.noted, aggregator);
  const unbegun = viewIds.filter((id) => !hasBegun(given.progress.get(id)));
  const isHeld = holdsShard(given);
  // Nearly always all of it stands, and the batch need not be looked at.
  if (isHeld && unbegun.length === 0 && note!.keeps.length === 0) return reached(given.progress, new Map());

  const preview = previewBatch(source, decode, shard, records);
  const { first, lastEvent } = preview;
  // Where nothing has an arrival, no view can take any of it: none begins, and the next batch is another release's still.
  if (first === null) return reached(given.progress, new Map());
  let epoch = note?.epoch ?? 0;
  let starts: ReadonlyMap<string, string>;
  let isAmended = false;
  if (isHeld) {
    if (note!.keeps.length > 0 && lastEvent !== null) await leaveOut(given, note!, lastEvent);
    starts = await recordStarts(store, unbegun, { shard, fromSequenceNumber: first.sequenceNumber, meter });
  } else {
    ({ epoch, starts, isAmended } = await takeOver(given, { ...preview, first }));
  }
  if (unbegun.length > 0) {
    const firstStampMs = records[0]!.approximateArrivalMs;
    const inheriting = { shard, firstStampMs, retentionMs: source.retentionMs };
    const begins = plans.filter(({ id }) => unbegun.includes(id));
    if (await inheritMarks(store, begins, inheriting)) isAmended = true;
  }
  if (!isAmended) return reached(given.progress, starts);
  const { progress } = await read();
  if (viewIds.some((id) => epochOf(progress.get(id), aggregator) !== epoch)) {
    throw new FreshetError(
      "STORE_UNAVAILABLE",
      `${shard.writer} was taken over by another release meanwhile.`,
    );
  }
  return reached(progress, starts);
}

async function readGiven(
  { store, plans, aggregator, shard, meter }: BatchBeginning,
  viewIds: readonly string[],
): Promise<GivenShard> {
  const viewsKey = releasedViewsKey(shard.writer);
  const keys = [...viewIds.map((id) => progressKey(id, shard.writer)), viewsKey];
  const items = await store.get(keys, { consistent: true, meter });
  const progress = progressIn(items, viewIds, shard.writer);
  return { store, aggregator, plans, shard, noted: items.get(viewsKey), progress, meter };
}

/** The first event that is delivered to a release without views that lacked nothing until then. */
async function leaveOut(
  { store, aggregator, shard: { writer }, noted, meter }: GivenShard,
  note: ReleaseNote,
  lastEvent: string,
): Promise<void> {
  const progress = await readProgress(store, note.keeps, writer, meter);
  const reached = await readReached(store, writer, note.keeps, progress);
  const next = { ...note, ...without(note, note.folds, { lastEvent, reached }) };
  await writeNote(store, { writer, aggregator, read: noted, note: next, meter });
}

/** Starts are those of views whose progress tells of none. */
function reached(
  progress: ReadonlyMap<string, ShardProgress>,
  starts: ReadonlyMap<string, string>,
): ShardReached {
  const startOf = (id: string) => {
    const stored = progress.get(id);
    return hasBegun(stored) ? stored.fromSequenceNumber : (starts.get(id) ?? NEVER);
  };
  return { progress, startOf };
}
