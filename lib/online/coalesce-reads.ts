import type { StateStore, StoredItem } from "./state-store.ts";

interface Gathering {
  readonly keys: Set<string>;
  readonly answer: Promise<ReadonlyMap<string, StoredItem>>;
}

/**
 * Joins reads that are asked for at the same moment into one call, each key once. A read never joins one that is
 * already under way: that one may be older than the progress that the caller has read before it (R11).
 *
 * @param defer - runs a function once the callers of this moment have asked.
 */
export function coalesceReads(
  store: StateStore,
  defer: (run: () => void) => void = setImmediate,
): StateStore["get"] {
  const gathering = new Map<boolean, Gathering>();
  return async (keys, options) => {
    let open = gathering.get(options.consistent);
    if (open === undefined) {
      const all = new Set<string>();
      const answer = new Promise<ReadonlyMap<string, StoredItem>>((resolve, reject) => {
        defer(() => {
          gathering.delete(options.consistent);
          store.get([...all], options).then(resolve, reject);
        });
      });
      open = { keys: all, answer };
      gathering.set(options.consistent, open);
    }
    for (const key of keys) open.keys.add(key);
    const all = await open.answer;
    const own = new Map<string, StoredItem>();
    for (const key of keys) {
      const item = all.get(key);
      if (item !== undefined) own.set(key, item);
    }
    return own;
  };
}
