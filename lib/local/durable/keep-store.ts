import type { Change } from "./frames.ts";
import type { Journal } from "./journal.ts";

/** A write of a store: the operations of a Level database, keys and values as bytes. */
export type StoreOperation =
  | { readonly type: "put"; readonly key: Buffer; readonly value: Buffer }
  | { readonly type: "del"; readonly key: Buffer };

/** One of the journal's maps as a Level database's store. */
export interface KeptStore {
  /** What the store held when it was last written to, to begin with. */
  restore(): readonly StoreOperation[];
  /** Writes to the journal what is about to be written to the store, all of it or nothing. */
  keep(operations: readonly StoreOperation[]): void;
}

/** @param alongside - Further changes that must take effect with the operations. */
export function keepStore(
  journal: Journal,
  map: number,
  alongside: (operations: readonly StoreOperation[]) => readonly Change[] = () => [],
): KeptStore {
  return {
    restore: () =>
      [...journal.maps[map]!].map(([key, value]) => ({
        type: "put",
        key: Buffer.from(key, "latin1"),
        value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
      })),
    keep: (operations) => {
      const changes = operations.map((operation): Change => {
        const key = operation.key.toString("latin1");
        return { map, key, value: operation.type === "put" ? operation.value : null };
      });
      journal.change([...changes, ...alongside(operations)]);
    },
  };
}
