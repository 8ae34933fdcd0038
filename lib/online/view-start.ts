import { compareSequenceNumbers } from "../engine/position.ts";
import { changeItem } from "./change-item.ts";
import { SYSTEM_KEY_PREFIX } from "./items.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { PutOptions, StateStore } from "./state-store.ts";

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

/**
 * By view, where it is recorded that it begins a shard, or {@link NEVER}: also where it has closed the shard since, which
 * its progress tells.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function readStarts(
  store: StateStore,
  viewIds: readonly string[],
  writer: string,
): Promise<ReadonlyMap<string, string>> {
  if (viewIds.length === 0) return new Map();
  const keys = viewIds.map((viewId) => startKey(viewId, writer));
  const items = await store.get(keys, { consistent: true });
  return new Map(
    viewIds.flatMap((viewId, index) => {
      const item = items.get(keys[index]!);
      return item === undefined ? [] : [[viewId, item.from as string] as const];
    }),
  );
}

/** Records where a view begins a shard unless that is recorded. @returns where it is recorded then. */
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
