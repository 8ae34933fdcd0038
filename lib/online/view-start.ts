import { FreshetError } from "../define/error.ts";
import { SYSTEM_KEY_PREFIX } from "./items.ts";
import type { PutOptions, StateStore, StoredItem } from "./state-store.ts";

const ATTEMPTS = 10;

export function startKey(viewId: string, writer: string): string {
  return `${SYSTEM_KEY_PREFIX}start|${viewId}|${writer}`;
}

/**
 * Records the first record that views fold of a shard, unless that is recorded already (R15). It must stand before
 * anything is folded: were it known from progress alone, which is written last, a crash between the two would let the
 * next delivery begin elsewhere, and a view's entities would not all begin at one record.
 *
 * @returns by view, the sequence number of its first record.
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function recordStarts(
  store: StateStore,
  viewIds: readonly string[],
  start: {
    readonly writer: string;
    readonly fromSequenceNumber: string;
    readonly meter?: PutOptions["meter"];
  },
): Promise<ReadonlyMap<string, string>> {
  const recorded = await Promise.all(
    viewIds.map(async (viewId) => [viewId, await recordStart(store, viewId, start)] as const),
  );
  return new Map(recorded);
}

async function recordStart(
  store: StateStore,
  viewId: string,
  { writer, fromSequenceNumber, meter }: Parameters<typeof recordStarts>[2],
): Promise<string> {
  const pk = startKey(viewId, writer);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const outcome = await store.put({ pk, from: fromSequenceNumber }, { expected: null, meter });
    if (outcome.status === "written") return fromSequenceNumber;
    const item: StoredItem | undefined =
      outcome.status === "conflict"
        ? outcome.item
        : (await store.get([pk], { consistent: true, meter })).get(pk);
    if (item !== undefined) return item.from as string;
  }
  throw new FreshetError(
    "STORE_UNAVAILABLE",
    `where view ${viewId} begins in ${writer} could not be recorded: its write was in doubt ${ATTEMPTS} times over.`,
  );
}
