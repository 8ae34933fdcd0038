/// <reference path="./dynalite.d.ts" />
import { createRequire } from "node:module";
import dynalite from "dynalite";
import type { KeptStore, StoreOperation } from "./durable/keep-store.ts";
import { type EmbeddedServer, listenLocally } from "./embedded-server.ts";
import { ownBuffer, ownOperations } from "./own-buffers.ts";

/** The Level database that dynalite keeps everything in, by the methods that its implementations are made of. */
interface DynaliteLevel {
  _put(key: Buffer, value: Buffer, options: object): Promise<void>;
  _del(key: Buffer, options: object): Promise<void>;
  _batch(operations: readonly StoreOperation[], options: object): Promise<void>;
}

interface DynaliteDatabase {
  create(options: object): { readonly db: DynaliteLevel };
}

/** Starts a DynamoDB in this process, in memory. @param kept - What keeps what is in memory beyond the process. */
export async function startDynalite(kept?: KeptStore): Promise<EmbeddedServer> {
  const { server, level } = createServer();
  // In memory this is done when it returns.
  if (kept !== undefined) await level._batch(kept.restore(), {});
  const listening = await listenLocally(server);
  if (kept !== undefined) keepLevel(level, kept, listening.sever);
  // Last, so that what is kept beyond the process is the same bytes.
  ownMemory(level);
  return listening;
}

/** dynalite keeps its database to itself. It is taken as it is made. */
function createServer() {
  const database = createRequire(import.meta.url)("dynalite/db") as DynaliteDatabase;
  const { create } = database;
  let level: DynaliteLevel | undefined;
  database.create = (options) => {
    const store = create(options);
    level = store.db;
    return store;
  };
  try {
    const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    if (typeof level?._batch !== "function")
      throw new Error("dynalite made no Level database: this is not the version that was built for.");
    return { server, level };
  } finally {
    database.create = create;
  }
}

/** Has what is kept in memory keep nothing else there. */
function ownMemory(level: DynaliteLevel): void {
  const put = level._put.bind(level);
  const batch = level._batch.bind(level);
  level._put = (key, value, options) => put(ownBuffer(key), ownBuffer(value), options);
  level._batch = (operations, options) => batch(ownOperations(operations), options);
}

/**
 * Has every write kept before it is made. dynalite takes the process down for an error of its database: when nothing can
 * be kept any more, it answers nobody instead.
 */
function keepLevel(level: DynaliteLevel, { keep }: KeptStore, sever: () => void): void {
  const put = level._put.bind(level);
  const del = level._del.bind(level);
  const batch = level._batch.bind(level);
  const once = async (operations: readonly StoreOperation[], write: () => Promise<void>): Promise<void> => {
    try {
      keep(operations);
    } catch {
      sever();
      return new Promise(() => {});
    }
    return write();
  };
  level._put = (key, value, options) => once([{ type: "put", key, value }], () => put(key, value, options));
  level._del = (key, options) => once([{ type: "del", key }], () => del(key, options));
  level._batch = (operations, options) => once(operations, () => batch(operations, options));
}
