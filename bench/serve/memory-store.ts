import type { StateStore, StoredItem } from "../../lib/online/state-store.ts";

/** A table in this process that answers at once: what is left of a request's time is Freshet's own. */
export function createMemoryStore(): StateStore {
  const items = new Map<string, StoredItem>();
  return {
    async get(keys) {
      const found = new Map<string, StoredItem>();
      for (const key of keys) {
        const item = items.get(key);
        if (item !== undefined) found.set(key, item);
      }
      return found;
    },
    async put(item) {
      items.set(item.pk, item);
      return { status: "written" };
    },
    async *scan() {
      yield* items.values();
    },
  };
}
