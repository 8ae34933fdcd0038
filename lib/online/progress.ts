import { FreshetError } from "../define/error.ts";
import type { CapacityMeter } from "./capacity-meter.ts";
import { SYSTEM_KEY_PREFIX } from "./items.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { ItemValue, PutOutcome, StateStore, StoredItem } from "./state-store.ts";
import { NEVER } from "./view-start.ts";

/** How far one view has folded one shard (R11). */
export interface ShardProgress {
  /** The running maximum of arrival through which everything is folded, epoch ms. */
  readonly arrivalMs: number;
  /** The same by Kinesis's own stamps: what the stream's retention is measured against. */
  readonly stampMs: number;
  /** The last record through which everything is folded. */
  readonly sequenceNumber: string;
  /** The process that wrote this: its warm images are those of this position, nobody else's are. */
  readonly processId: string;
  /** Everything that arrived since here was folded: where warming starts, epoch ms. */
  readonly sinceMs: number;
  /**
   * The first record that the view folds of this shard; earlier ones are not its own (R15). Or `never`, or
   * {@link NOTHING_FOLDED} where that is open yet.
   */
  readonly fromSequenceNumber: string;
  /** True once records are known to be lost: freshness is unknown until the shard is rebuilt from history (R2). */
  readonly unknown: boolean;
  /** A release left the view out meanwhile: it warms by this shard alone, not since those did that it came of. */
  readonly returned: boolean;
}

export function progressKey(viewId: string, writer: string): string {
  return `${SYSTEM_KEY_PREFIX}progress|${viewId}|${writer}`;
}

export function parseProgress(item: StoredItem): ShardProgress {
  return {
    arrivalMs: item.arrival as number,
    stampMs: item.stamp as number,
    sequenceNumber: item.sequence as string,
    processId: item.process as string,
    sinceMs: item.since as number,
    fromSequenceNumber: item.from as string,
    unknown: item.unknown as boolean,
    returned: item.returned === true,
  };
}

function attributesOf(progress: ShardProgress): Readonly<Record<string, ItemValue>> {
  return {
    arrival: progress.arrivalMs,
    stamp: progress.stampMs,
    sequence: progress.sequenceNumber,
    process: progress.processId,
    since: progress.sinceMs,
    from: progress.fromSequenceNumber,
    unknown: progress.unknown,
    ...(progress.returned ? { returned: true } : {}),
  };
}

/** Writes progress on condition that it still is what was read. A conflict is no error: someone else moved it. */
export function writeProgress(
  store: StateStore,
  write: {
    readonly viewId: string;
    readonly writer: string;
    readonly read: ShardProgress | undefined;
    readonly next: ShardProgress;
    readonly meter?: CapacityMeter | undefined;
  },
): Promise<PutOutcome> {
  const { viewId, writer, read, next, meter } = write;
  return store.put(
    { pk: progressKey(viewId, writer), ...attributesOf(next) },
    { expected: read === undefined ? null : attributesOf(read), meter },
  );
}

/** The progress of several views in one shard, by strongly consistent read. */
export async function readProgress(
  store: StateStore,
  viewIds: readonly string[],
  writer: string,
  meter?: CapacityMeter,
): Promise<ReadonlyMap<string, ShardProgress>> {
  const items = await store.get(
    viewIds.map((viewId) => progressKey(viewId, writer)),
    { consistent: true, meter },
  );
  return progressIn(items, viewIds, writer);
}

/** The views' progress in a shard among items that were read. */
export function progressIn(
  items: ReadonlyMap<string, StoredItem>,
  viewIds: readonly string[],
  writer: string,
): ReadonlyMap<string, ShardProgress> {
  const progress = new Map<string, ShardProgress>();
  for (const viewId of viewIds) {
    const item = items.get(progressKey(viewId, writer));
    if (item !== undefined) progress.set(viewId, parseProgress(item));
  }
  return progress;
}

const AMEND_ATTEMPTS = 10;

/** The position, and the beginning, of a shard that is marked before anything of it was folded. */
export const NOTHING_FOLDED = "0";

/** Progress of a shard of which nothing is folded. */
const NOT_BEGUN: ShardProgress = {
  arrivalMs: 0,
  stampMs: 0,
  sequenceNumber: NOTHING_FOLDED,
  processId: "",
  sinceMs: 0,
  fromSequenceNumber: NOTHING_FOLDED,
  unknown: false,
  returned: false,
};

/** Whether it is recorded where the view begins the shard. */
export function hasBegun(progress: ShardProgress | undefined): boolean {
  return progress !== undefined && progress.fromSequenceNumber !== NOTHING_FOLDED;
}

/** Whether the view has folded anything of the shard. */
export function hasFolded(progress: ShardProgress | undefined): progress is ShardProgress {
  return progress !== undefined && progress.sequenceNumber !== NOTHING_FOLDED;
}

/**
 * Marks a shard's freshness unknown for a view, because records of it are known to be lost or may be: what a
 * deployment does for a mapping created or moved, and what an on-failure message calls for (R2).
 * A shard that the view has not begun is given progress that says so, and begins with what is delivered to it next:
 * what was lost may be followed by what a release without the view has finished. Whoever begins it finds the mark.
 * A shard that is closed to the view is marked as well: whether all its records were lost before the view could begin
 * it, or the view is younger than they are, cannot be told.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function markUnknown(
  store: StateStore,
  viewId: string,
  { writer }: Pick<ShardWithAncestors, "writer">,
): Promise<void> {
  await amendProgress(store, { viewId, writer }, (read) =>
    read?.unknown === true ? null : { ...(read ?? NOT_BEGUN), unknown: true },
  );
}

/**
 * Has a view warm again from an arrival on, in a shard of which it lacks what arrived before (R7), or begin it there.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function warmFrom(
  store: StateStore,
  viewId: string,
  { writer }: Pick<ShardWithAncestors, "writer">,
  sinceMs: number,
): Promise<void> {
  await amendProgress(store, { viewId, writer }, (read) => {
    const now = read ?? NOT_BEGUN;
    if (now.returned && now.sinceMs >= sinceMs) return null;
    return { ...now, sinceMs: Math.max(now.sinceMs, sinceMs), returned: true };
  });
}

/**
 * Closes a shard to a view that has folded something of it: what it lacks must not come behind what is folded of the shards
 * that came of it (R1).
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function closeProgress(store: StateStore, viewId: string, writer: string): Promise<void> {
  await amendProgress(store, { viewId, writer }, (read) =>
    read === undefined || read.fromSequenceNumber === NEVER ? null : { ...read, fromSequenceNumber: NEVER },
  );
}

/** Writes what a change makes of progress as it stands, however often others move it meanwhile; null: nothing. */
async function amendProgress(
  store: StateStore,
  { viewId, writer }: { readonly viewId: string; readonly writer: string },
  change: (read: ShardProgress | undefined) => ShardProgress | null,
): Promise<void> {
  for (let attempt = 0; attempt < AMEND_ATTEMPTS; attempt++) {
    const read = (await readProgress(store, [viewId], writer)).get(viewId);
    const next = change(read);
    if (next === null) return;
    const outcome = await writeProgress(store, { viewId, writer, read, next });
    if (outcome.status === "written") return;
  }
  throw new FreshetError(
    "STORE_UNAVAILABLE",
    `progress of view ${viewId} in ${writer} changed ${AMEND_ATTEMPTS} times while it was being amended.`,
  );
}
