import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** How long a connection must be silent with nothing under way before it is closed. */
const IDLE_MS = 100;

/** The connections of a server, with the answers that each is owed. */
export interface OpenConnections {
  /** Taken so far. */
  readonly taken: number;
  /**
   * From now on each is closed after its answer, or once it is idle. Node's own rule for idle is for less than this: it
   * also takes a connection whose request has come and is not read yet, and one whose answer is not all written.
   */
  closeEach(): void;
}

export function trackConnections(server: Server): OpenConnections {
  const owedBySocket = new Map<Socket, Set<ServerResponse>>();
  let taken = 0;
  let closing = false;

  const closeOnceIdle = (socket: Socket) => {
    const owed = owedBySocket.get(socket);
    if (owed === undefined || owed.size > 0) return;
    const { bytesRead } = socket;
    // A timer may fire late, before what came meanwhile is read; an immediate runs after that.
    setTimeout(() => {
      setImmediate(() => {
        if (socket.bytesRead === bytesRead && owed.size === 0) socket.destroy();
        else closeOnceIdle(socket);
      });
    }, IDLE_MS);
  };
  server.on("connection", (socket: Socket) => {
    taken += 1;
    owedBySocket.set(socket, new Set());
    socket.once("close", () => owedBySocket.delete(socket));
    if (closing) closeOnceIdle(socket);
  });
  // First, for other listeners may send the headers at once.
  server.prependListener("request", ({ socket }, response) => {
    owedBySocket.get(socket)?.add(response);
    if (closing) response.shouldKeepAlive = false;
    response.once("close", () => {
      owedBySocket.get(socket)?.delete(response);
      if (closing) closeOnceIdle(socket);
    });
  });
  return {
    get taken() {
      return taken;
    },
    closeEach() {
      closing = true;
      for (const [socket, owed] of owedBySocket) {
        for (const response of owed) if (!response.headersSent) response.shouldKeepAlive = false;
        closeOnceIdle(socket);
      }
    },
  };
}
