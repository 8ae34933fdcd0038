import { compareSequenceNumbers } from "../engine/position.ts";
import { changeItem } from "./change-item.ts";
import { SYSTEM_KEY_PREFIX } from "./items.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { PutOptions, StateStore, StoredItem } from "./state-store.ts";

/** Where a view begins that folds nothing of a shard. */
export const NEVER = "never";

export function startKey(viewId: string, writer: string): string {
  return `${SYSTEM_KEY_PREFIX}start|${viewId}|${writer}`;
}

/** Whether a record comes before the one that a view begins a shard with: then it is none of the view's own (R15). */
export function isBeforeStart(sequenceNumber: string, start: string): boolean {
  return start === NEVER || compareSequenceNumbers(sequenceNumber, start) < 0;
}

/**
 * Records the first record that views fold of a shard, unless that is recorded already (R15). It must stand before
 * anything is folded: were it known from progress alone, which is written last, a crash between the two would let the
 * next delivery begin elsewhere, and a view's entities would not all begin at one record.
 *
 * Ancestors that a view has not begun by then are closed to it first: they are delivered before their children, so that
 * records of theirs can only come from a mapping made again at an older position, behind what is folded of the
 * children (R1).
 *
 * @returns by view, the sequence number of its first record, or {@link NEVER}.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function recordStarts(
  store: StateStore,
  viewIds: readonly string[],
  start: {
    readonly shard: Pick<ShardWithAncestors, "writer" | "ancestors">;
    readonly fromSequenceNumber: string;
    readonly meter?: PutOptions["meter"];
  },
): Promise<ReadonlyMap<string, string>> {
  const { shard, fromSequenceNumber, meter } = start;
  const ancestors = viewIds.flatMap((viewId) => shard.ancestors.map((writer) => startKey(viewId, writer)));
  if (ancestors.length > 0) {
    const begun = await store.get(ancestors, { consistent: true, meter });
    const unbegun = ancestors.filter((pk) => !begun.has(pk));
    await Promise.all(unbegun.map((pk) => recordStart(store, pk, NEVER, meter)));
  }
  const recorded = await Promise.all(
    viewIds.map(async (viewId) => {
      const pk = startKey(viewId, shard.writer);
      return [viewId, await recordStart(store, pk, fromSequenceNumber, meter)] as const;
    }),
  );
  return new Map(recorded);
}

/** By view, where it is recorded that it begins a shard, or {@link NEVER}. @throws FreshetError `STORE_UNAVAILABLE` */
export async function readStarts(
  store: StateStore,
  viewIds: readonly string[],
  writer: string,
): Promise<ReadonlyMap<string, string>> {
  const items = await readStartItems(store, viewIds, writer);
  return new Map([...items].map(([viewId, item]) => [viewId, item.from as string]));
}

/**
 * Of views, those that have begun a shard, though it may have been closed to them since.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function readBegun(
  store: StateStore,
  viewIds: readonly string[],
  writer: string,
): Promise<ReadonlySet<string>> {
  const items = await readStartItems(store, viewIds, writer);
  return new Set([...items.keys()].filter((viewId) => isBegun(items.get(viewId)!)));
}

async function readStartItems(
  store: StateStore,
  viewIds: readonly string[],
  writer: string,
): Promise<ReadonlyMap<string, StoredItem>> {
  const keys = viewIds.map((viewId) => startKey(viewId, writer));
  const items =
    keys.length === 0 ? new Map<string, StoredItem>() : await store.get(keys, { consistent: true });
  return new Map(
    viewIds.flatMap((viewId, index) => {
      const item = items.get(keys[index]!);
      return item === undefined ? [] : [[viewId, item] as const];
    }),
  );
}

const isBegun = (start: StoredItem): boolean => start.from !== NEVER || start.begun === true;

/**
 * Closes a shard to a view that had begun it, where nothing of it may be folded behind its children (R1).
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function closeStart(store: StateStore, viewId: string, writer: string): Promise<void> {
  const pk = startKey(viewId, writer);
  await changeItem(store, {
    pk,
    change: (stands) =>
      stands === undefined || stands.from === NEVER
        ? null
        : { item: { pk, from: NEVER, begun: true }, expected: { from: stands.from! } },
  });
}

/**
 * Closes a shard to a view unless it has begun it: a late invocation shall not begin it behind the shards that came of it.
 *
 * @returns whether it has begun it.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function closeUnbegun(store: StateStore, viewId: string, writer: string): Promise<boolean> {
  const pk = startKey(viewId, writer);
  const before = (await store.get([pk], { consistent: true })).get(pk);
  if (before !== undefined) return isBegun(before);
  return (await recordStart(store, pk, NEVER)) !== NEVER;
}

/** @returns where it is recorded that the view begins. */
async function recordStart(
  store: StateStore,
  pk: string,
  from: string,
  meter?: PutOptions["meter"],
): Promise<string> {
  const stands = await changeItem(store, {
    pk,
    read: { item: undefined },
    change: (item) => (item === undefined ? { item: { pk, from }, expected: null } : null),
    meter,
  });
  return stands!.from as string;
}
