import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server inside this process, reachable from this machine only. */
export interface EmbeddedServer {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Ends the server; what it held is gone. Destroy its clients first: open connections are waited for. */
  stop(): Promise<void>;
}

/** Lets a server listen on a port of the system's choice. */
export async function listenLocally(server: Server): Promise<EmbeddedServer> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeIdleConnections();
      }),
  };
}
