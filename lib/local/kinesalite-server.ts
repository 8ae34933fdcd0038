import { createRequire } from "node:module";
import kinesalite from "kinesalite";
import { type EmbeddedServer, listenLocally } from "./embedded-server.ts";

/** The part of kinesalite's store that trimming needs. Keys are `shard index in hex / sequence number`. */
interface KinesaliteStore {
  getStreamDb(streamName: string): {
    createKeyStream(range: { gte: string; lte: string }): AsyncIterable<string>;
    batch(operations: readonly { type: "del"; key: string }[], done: (error?: Error) => void): void;
  };
}

interface KinesaliteDatabase {
  create(options: object): KinesaliteStore;
  shardIxToHex(shardIndex: number): string;
}

/** An in-memory Kinesis in this process. */
export interface KinesaliteServer extends EmbeddedServer {
  /** Forgets a shard's records up to and including a sequence number: a record takes about 600 bytes of memory. */
  trim(options: { streamName: string; shardId: string; throughSequenceNumber: string }): Promise<void>;
}

/** kinesalite counts open shards over all streams, and allows 10 unless told otherwise. */
const SHARD_LIMIT = 1_000;

/** Starts an in-memory Kinesis in this process. */
export async function startKinesalite(): Promise<KinesaliteServer> {
  const { server, store, database } = createServer();
  return {
    ...(await listenLocally(server)),
    async trim({ streamName, shardId, throughSequenceNumber }) {
      const shard = database.shardIxToHex(Number(shardId.split("-")[1]));
      const stream = store.getStreamDb(streamName);
      const range = { gte: `${shard}/`, lte: `${shard}/${throughSequenceNumber}` };
      const operations: { type: "del"; key: string }[] = [];
      for await (const key of stream.createKeyStream(range)) operations.push({ type: "del", key });
      await new Promise<void>((resolve, reject) => {
        stream.batch(operations, (error) => (error ? reject(error) : resolve()));
      });
    },
  };
}

/**
 * kinesalite keeps its store to itself and deletes nothing younger than 24 hours, so that a long replay would fill
 * the memory. The store is taken as it is made.
 */
function createServer() {
  const database = createRequire(import.meta.url)("kinesalite/db") as KinesaliteDatabase;
  const { create } = database;
  let store: KinesaliteStore | undefined;
  database.create = (options) => {
    store = create(options);
    return store;
  };
  try {
    const server = kinesalite({
      createStreamMs: 0,
      deleteStreamMs: 0,
      updateStreamMs: 0,
      shardLimit: SHARD_LIMIT,
    });
    if (store === undefined)
      throw new Error("kinesalite made no store: this is not the version that was built for.");
    return { server, store, database };
  } finally {
    database.create = create;
  }
}
