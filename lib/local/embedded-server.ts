import { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { type OpenConnections, trackConnections } from "./open-connections.ts";

/** Connections that the system makes for a server before the server takes them: what Node asks for by default. */
const BACKLOG = 511;

/** A server inside this process, reachable from this machine only. */
export interface EmbeddedServer {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /**
   * Ends the server: what was sent on connections made before is answered, within the grace, and what it held is gone.
   */
  stop(): Promise<void>;
  /** Breaks all connections off and takes none any more: what is under way is never answered. */
  sever(): void;
}

export interface ListenOptions {
  /** @default one of the system's choice */
  readonly port?: number;
  /** How long requests under way may take to end when the server is stopped. @default 1000 */
  readonly graceMs?: number;
}

/** Lets a server listen on 127.0.0.1. */
export async function listenLocally(server: Server, options: ListenOptions = {}): Promise<EmbeddedServer> {
  const { port = 0, graceMs = 1_000 } = options;
  let severed = false;
  const connections = trackConnections(server);
  // Node's own close calls it, and it ends connections that are owed an answer.
  server.closeIdleConnections = () => {};
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      if (!severed) await closeServer({ server, connections, graceMs });
    },
    sever: () => {
      severed = true;
      Server.prototype.close.call(server);
      server.closeAllConnections();
    },
  };
}

async function closeServer(options: {
  readonly server: Server;
  readonly connections: OpenConnections;
  readonly graceMs: number;
}): Promise<void> {
  const { server, connections, graceMs } = options;
  connections.closeEach();
  await takeBacklog(connections);
  const grace = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await new Promise<void>((resolve, reject) => {
      // kinesalite's own close ends its store first, and a request that then meets it ends the process.
      Server.prototype.close.call(server, (error) => (error ? reject(error) : resolve()));
    });
  } finally {
    clearTimeout(grace);
  }
}

/** Lets the server take the connections that were made: a turn of the event loop takes one, and the first may be over. */
async function takeBacklog(connections: OpenConnections): Promise<void> {
  let quietTurns = 0;
  for (let turns = 0; turns < BACKLOG && quietTurns < 2; turns++) {
    const { taken } = connections;
    await turn();
    quietTurns = connections.taken === taken ? quietTurns + 1 : 0;
  }
}
