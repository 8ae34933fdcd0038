import type { CapacityMeter } from "./capacity-meter.ts";
import { changeItem } from "./change-item.ts";
import { SYSTEM_KEY_PREFIX } from "./items.ts";
import type { Expected, StateStore, StoredItem } from "./state-store.ts";

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
  /**
   * A release left the view out meanwhile, or it began the shard midway: it warms by this shard alone, not since those did
   * that it came of.
   */
  readonly returned: boolean;
  /**
   * By aggregator, the release that took the shard over last: what an invocation of one before that goes on has read is
   * no longer what stands here, so that it finishes nothing.
   */
  readonly epochs: Readonly<Record<string, number>>;
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
    epochs: item.epochs === undefined ? {} : (JSON.parse(item.epochs as string) as Record<string, number>),
  };
}

function attributesOf(progress: ShardProgress) {
  return {
    arrival: progress.arrivalMs,
    stamp: progress.stampMs,
    sequence: progress.sequenceNumber,
    process: progress.processId,
    since: progress.sinceMs,
    from: progress.fromSequenceNumber,
    unknown: progress.unknown,
    ...(progress.returned ? { returned: true } : {}),
    ...(Object.keys(progress.epochs).length === 0 ? {} : { epochs: JSON.stringify(progress.epochs) }),
  } as const;
}

/** Progress as it was read: what it did not have it must not have been given meanwhile. */
function expectedOf(read: ShardProgress): Expected {
  return { returned: null, epochs: null, ...attributesOf(read) };
}

/**
 * Writes what a change makes of a view's progress in a shard, on condition that it still is what the change was made of:
 * where others have moved it, or a write was in doubt, the change is made again of what stands then. Null: nothing.
 *
 * @returns progress as it stands then.
 * @throws FreshetError `STORE_UNAVAILABLE`; and what `change` throws
 */
export async function changeProgress(
  store: StateStore,
  of: {
    readonly viewId: string;
    readonly writer: string;
    /** As it was read. @default it is read */
    readonly read?: { readonly progress: ShardProgress | undefined };
    readonly meter?: CapacityMeter;
  },
  change: (read: ShardProgress | undefined) => ShardProgress | null,
): Promise<ShardProgress | undefined> {
  const pk = progressKey(of.viewId, of.writer);
  const itemOf = (progress: ShardProgress) => ({ pk, ...attributesOf(progress) });
  const parsed = (item: StoredItem | undefined) => (item === undefined ? undefined : parseProgress(item));
  const { read } = of;
  const stands = await changeItem(store, {
    pk,
    ...(read === undefined ? {} : { read: { item: read.progress && itemOf(read.progress) } }),
    change: (item) => {
      const before = parsed(item);
      const next = change(before);
      return next && { item: itemOf(next), expected: before === undefined ? null : expectedOf(before) };
    },
    meter: of.meter,
  });
  return parsed(stands);
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

/** The position, and the beginning, of a shard that is marked before anything of it was folded. */
export const NOTHING_FOLDED = "0";

/** Progress of a shard of which nothing is folded. */
export const NOT_BEGUN: ShardProgress = {
  arrivalMs: 0,
  stampMs: 0,
  sequenceNumber: NOTHING_FOLDED,
  processId: "",
  sinceMs: 0,
  fromSequenceNumber: NOTHING_FOLDED,
  unknown: false,
  returned: false,
  epochs: {},
};

/** The release of an aggregator that took a shard over last, as a view's progress in it has it. */
export function epochOf(progress: ShardProgress | undefined, aggregator: string): number {
  const epochs = progress?.epochs ?? {};
  return Object.hasOwn(epochs, aggregator) ? epochs[aggregator]! : 0;
}

/** Whether it is recorded where the view begins the shard. */
export function hasBegun(progress: ShardProgress | undefined): progress is ShardProgress {
  return progress !== undefined && progress.fromSequenceNumber !== NOTHING_FOLDED;
}

/** Whether the view has folded anything of the shard. */
export function hasFolded(progress: ShardProgress | undefined): progress is ShardProgress {
  return progress !== undefined && progress.sequenceNumber !== NOTHING_FOLDED;
}
