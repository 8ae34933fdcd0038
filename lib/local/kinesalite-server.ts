/// <reference path="./kinesalite.d.ts" />
import { createRequire } from "node:module";
import kinesalite from "kinesalite";
import type { KeptStore, StoreOperation } from "./durable/keep-store.ts";
import { type EmbeddedServer, listenLocally } from "./embedded-server.ts";
import { ownBuffer, ownOperations } from "./own-buffers.ts";

type Done = (error?: Error) => void;

/** The store below kinesalite's database, by the methods that its implementations are made of. */
interface MemoryDown {
  _put(key: Buffer, value: Buffer, options: object, done: Done): void;
  _del(key: Buffer, options: object, done: Done): void;
  _batch(operations: readonly StoreOperation[], options: object, done: Done): void;
}

/** The part of kinesalite's store that trimming needs. Keys are `shard index in hex / sequence number`. */
interface KinesaliteStore {
  readonly db: { readonly db: { readonly _db: MemoryDown } };
  getStreamDb(streamName: string): {
    createKeyStream(range: { gte: string; lte: string }): AsyncIterable<string>;
    batch(operations: readonly { type: "del"; key: string }[], done: (error?: Error) => void): void;
  };
}

interface KinesaliteDatabase {
  create(options: object): KinesaliteStore;
  shardIxToHex(shardIndex: number): string;
}

/** A Kinesis in this process, in memory. */
export interface KinesaliteServer extends EmbeddedServer {
  /** Forgets a shard's records up to and including a sequence number: a record takes about 600 bytes of memory. */
  trim(run: ShardRun): Promise<void>;
  /** How many records of a shard it holds up to and including a sequence number. */
  count(run: ShardRun): Promise<number>;
}

/** The records of a shard up to and including one. */
export interface ShardRun {
  readonly streamName: string;
  readonly shardId: string;
  readonly throughSequenceNumber: string;
}

/** kinesalite counts open shards over all streams, and allows 10 unless told otherwise. */
const SHARD_LIMIT = 1_000;

/** Starts a Kinesis in this process, in memory. @param kept - What keeps what is in memory beyond the process. */
export async function startKinesalite(kept?: KeptStore): Promise<KinesaliteServer> {
  const { server, store, database } = createServer();
  const memory = store.db.db._db;
  if (typeof memory?._batch !== "function")
    throw new Error("kinesalite has no store in memory: this is not the version that was built for.");
  // In memory this is done when it returns.
  if (kept !== undefined) memory._batch(kept.restore(), {}, () => {});
  const rangeOf = ({ shardId, throughSequenceNumber }: ShardRun) => {
    const shard = database.shardIxToHex(Number(shardId.split("-")[1]));
    return { gte: `${shard}/`, lte: `${shard}/${throughSequenceNumber}` };
  };
  const listening = await listenLocally(server);
  if (kept !== undefined) keepMemory(memory, kept, listening.sever);
  // Last, so that what is kept beyond the process is the same bytes.
  ownMemory(memory);
  return {
    ...listening,
    async count(run) {
      let count = 0;
      for await (const _ of store.getStreamDb(run.streamName).createKeyStream(rangeOf(run))) count += 1;
      return count;
    },
    async trim(run) {
      const stream = store.getStreamDb(run.streamName);
      const operations: { type: "del"; key: string }[] = [];
      for await (const key of stream.createKeyStream(rangeOf(run))) operations.push({ type: "del", key });
      if (operations.length === 0) return;
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

/** Has what is kept in memory keep nothing else there. */
function ownMemory(memory: MemoryDown): void {
  const put = memory._put.bind(memory);
  const batch = memory._batch.bind(memory);
  memory._put = (key, value, options, done) => put(ownBuffer(key), ownBuffer(value), options, done);
  memory._batch = (operations, options, done) => batch(ownOperations(operations), options, done);
}

/**
 * Has every write kept before it is made. kinesalite takes the process down for an error of its store: when nothing can
 * be kept any more, it answers nobody instead.
 */
function keepMemory(memory: MemoryDown, { keep }: KeptStore, sever: () => void): void {
  const put = memory._put.bind(memory);
  const del = memory._del.bind(memory);
  const batch = memory._batch.bind(memory);
  const once = (operations: readonly StoreOperation[], write: () => void): void => {
    try {
      keep(operations);
    } catch {
      sever();
      return;
    }
    write();
  };
  memory._put = (key, value, options, done) =>
    once([{ type: "put", key, value }], () => put(key, value, options, done));
  memory._del = (key, options, done) => once([{ type: "del", key }], () => del(key, options, done));
  memory._batch = (operations, options, done) => once(operations, () => batch(operations, options, done));
}
