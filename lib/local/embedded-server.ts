import { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server inside this process, reachable from this machine only. */
export interface EmbeddedServer {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Ends the server; what it held is gone. */
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
  let closing = false;
  let severed = false;
  server.on("request", (_, response) => {
    // A connection that is kept alive would keep the server open once its request is answered.
    response.once("close", () => setImmediate(() => closing && server.closeIdleConnections()));
  });
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
      closing = true;
      if (!severed) await closeServer(server, graceMs);
    },
    sever: () => {
      severed = true;
      Server.prototype.close.call(server);
      server.closeAllConnections();
    },
  };
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  const grace = setTimeout(() => server.closeAllConnections(), graceMs);
  try {
    await new Promise<void>((resolve, reject) => {
      // kinesalite's own close ends its store first, and a request that then meets it ends the process.
      Server.prototype.close.call(server, (error) => (error ? reject(error) : resolve()));
      server.closeIdleConnections();
    });
  } finally {
    clearTimeout(grace);
  }
}
