import dynalite from "dynalite";
import { type EmbeddedServer, listenLocally } from "./embedded-server.ts";

/** Starts an in-memory DynamoDB in this process. */
export function startDynalite(): Promise<EmbeddedServer> {
  return listenLocally(dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }));
}
