import { FreshetError } from "../define/error.ts";
import type { Expected, PutOptions, StateStore, StoredItem } from "./state-store.ts";

const ATTEMPTS = 10;

/** How to change an item. */
export interface ChangeItem {
  readonly pk: string;
  /** The item as it was read, or that it was not there. @default it is read, by a strongly consistent read */
  readonly read?: { readonly item: StoredItem | undefined };
  /**
   * What to write of the item as it stands, and what must hold of it still; null: nothing. It is asked again with what
   * stands then where others came between, or where it is in doubt whether a write was applied.
   */
  readonly change: (
    stands: StoredItem | undefined,
  ) => { readonly item: StoredItem; readonly expected: Expected } | null;
  /** Adds up what it costs. @default nothing is counted */
  readonly meter?: PutOptions["meter"];
}

/**
 * Changes an item by conditional writes, however often others change it meanwhile.
 *
 * @returns the item as it stands then.
 * @throws FreshetError `STORE_UNAVAILABLE`, also after ten writes that others came before, or that were in doubt; and what
 *   `change` throws
 */
export async function changeItem(
  store: StateStore,
  { pk, read, change, meter }: ChangeItem,
): Promise<StoredItem | undefined> {
  const readAgain = async () => (await store.get([pk], { consistent: true, meter })).get(pk);
  let stands = read === undefined ? await readAgain() : read.item;
  for (let attempt = 0; ; attempt++) {
    const next = change(stands);
    if (next === null) return stands;
    if (attempt === ATTEMPTS) break;
    const outcome = await store.put(next.item, { expected: next.expected, meter });
    if (outcome.status === "written") return next.item;
    stands = outcome.status === "conflict" && outcome.item !== undefined ? outcome.item : await readAgain();
  }
  throw new FreshetError(
    "STORE_UNAVAILABLE",
    `item ${pk} was changed by others, or its write was in doubt, ${ATTEMPTS} times over.`,
  );
}
