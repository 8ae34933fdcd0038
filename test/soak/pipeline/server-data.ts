import { createRequire } from "node:module";

const require_ = createRequire(import.meta.url);

/** How much a store in memory holds: keys and values. */
export interface HeldData {
  readonly entries: number;
  readonly bytes: number;
  /** Of the buffers that the bytes are parts of, each once: what cannot be freed while they are kept. */
  readonly pinnedBytes: number;
}

/** What the embedded servers hold, which is in their process's memory and none of the pipeline's doing. */
export interface ServerData {
  table(): Promise<HeldData>;
  stream(): HeldData;
}

interface TableDatabase {
  create(options: object): {
    readonly db: {
      iterator(options: object): AsyncIterable<readonly [Uint8Array, Uint8Array]>;
    };
  };
}

interface StreamDatabase {
  create(options: object): {
    readonly db: {
      readonly db: {
        readonly _db: {
          readonly _store: { forEach(visit: (key: Uint8Array, value: Uint8Array) => void): void };
        };
      };
    };
  };
}

/** The servers keep their stores to themselves: they are noted as they are made. Call it before they start. */
export function watchServerData(): ServerData {
  const table = noteCreated(require_("dynalite/db") as TableDatabase, ({ db }) => db);
  // Once it is open, the way to it is another.
  const stream = noteCreated(require_("kinesalite/db") as StreamDatabase, ({ db }) => db.db._db);
  return {
    async table() {
      const held = countHeld();
      const encoding = { keyEncoding: "buffer", valueEncoding: "buffer" };
      for await (const [key, value] of table().iterator(encoding)) held.add(key, value);
      return held.read();
    },
    stream() {
      const held = countHeld();
      stream()._store.forEach(held.add);
      return held.read();
    },
  };
}

function noteCreated<Created, Store>(
  database: { create(options: object): Created },
  storeOf: (created: Created) => Store,
): () => Store {
  const { create } = database;
  let store: Store | undefined;
  database.create = (options) => {
    const created = create(options);
    store = storeOf(created);
    return created;
  };
  return () => {
    if (store === undefined) throw new Error("the server has made no store yet.");
    return store;
  };
}

function countHeld() {
  const backings = new Set<ArrayBufferLike>();
  let entries = 0;
  let bytes = 0;
  return {
    add(key: Uint8Array, value: Uint8Array): void {
      entries += 1;
      bytes += key.length + value.length;
      backings.add(key.buffer).add(value.buffer);
    },
    read(): HeldData {
      let pinnedBytes = 0;
      for (const { byteLength } of backings) pinnedBytes += byteLength;
      return { entries, bytes, pinnedBytes };
    },
  };
}
