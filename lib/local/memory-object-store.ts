import type { ObjectStore } from "../engine/ports/object-store.ts";

/** Objects in this process's memory: gone when it ends. */
export function createMemoryObjectStore(): ObjectStore {
  const objects = new Map<string, Uint8Array>();
  return {
    async put(key, body) {
      objects.set(key, Uint8Array.from(body));
    },
    async get(key) {
      const body = objects.get(key);
      return body === undefined ? undefined : Uint8Array.from(body);
    },
    async list(prefix) {
      return [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    },
  };
}
