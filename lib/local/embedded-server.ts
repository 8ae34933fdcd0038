import { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server inside this process, reachable from this machine only. */
export interface EmbeddedServer {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Ends the server; what it held is gone. */
  stop(): Promise<void>;
}

/** How long a request under way may take to end when a server is stopped. */
const GRACE_MS = 1_000;

/** Lets a server listen, on a port of the system's choice unless one is named. */
export async function listenLocally(server: Server, port = 0): Promise<EmbeddedServer> {
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
    stop: () => closeServer(server),
  };
}

async function closeServer(server: Server): Promise<void> {
  const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS);
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
