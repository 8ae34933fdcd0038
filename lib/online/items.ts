import { FreshetError } from "../define/error.ts";
import type { ItemState } from "../engine/fold.ts";
import type { EntityKey } from "../engine/key.ts";
import type { StoredItem } from "./state-store.ts";

/** What begins the keys of items that are not an entity's: no view's name begins so. */
export const SYSTEM_KEY_PREFIX = "#";

/** An entity's item as it is written: position and image, DynamoDB's expiry, and the key where `pk` is a hash. */
export function entityItem(
  pk: string,
  key: EntityKey,
  state: ItemState,
  timeToLiveMs: number | null,
): StoredItem {
  return {
    pk,
    position: state.position,
    image: state.image,
    ...(timeToLiveMs === null ? {} : { ttl: Math.ceil(timeToLiveMs / 1000) }),
    ...(key.original === null ? {} : { key: key.original }),
  };
}

/**
 * The state in an entity's item.
 *
 * @throws FreshetError `KEY_COLLISION` when the item belongs to another key of the same hash, `IMAGE_CORRUPT` when
 *   it holds no state: both mean that something other than Freshet wrote it.
 */
export function entityState(item: StoredItem, key: EntityKey): ItemState {
  if ((item.key ?? null) !== key.original) {
    throw new FreshetError(
      "KEY_COLLISION",
      `item ${item.pk} was written for the key ${JSON.stringify(item.key ?? null)}, not for ${JSON.stringify(key.original)}.`,
    );
  }
  const { position, image } = item;
  if (!(position instanceof Uint8Array) || !(image instanceof Uint8Array)) {
    throw new FreshetError("IMAGE_CORRUPT", `item ${item.pk} has no binary position and image.`);
  }
  return { position, image };
}

/** The id of the view that an item belongs to; null for progress and control items. */
export function viewIdOf(pk: string): string | null {
  if (pk.startsWith(SYSTEM_KEY_PREFIX)) return null;
  const end = pk.indexOf("|");
  return end < 0 ? pk : pk.slice(0, end);
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
