import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { FreshetError } from "../define/error.ts";
import { type EmbeddedServer, listenLocally } from "./embedded-server.ts";

/** Longer than the API lets a request take: one that was accepted is answered. */
const GRACE_MS = 15_000;

/**
 * Serves a Hono app on 127.0.0.1. Stopping takes no more connections, and what was sent on those that there are is
 * answered.
 *
 * @param options.port - 0 for any that is free.
 * @throws FreshetError `PORT_IN_USE`; `OPTION_INVALID` for a port that this user may not open.
 */
export async function serveApi(options: {
  readonly app: { readonly fetch: (request: Request) => Response | Promise<Response> };
  readonly port: number;
}): Promise<EmbeddedServer> {
  const { app, port } = options;
  try {
    // Without a TLS or HTTP/2 option the adaptor makes an HTTP/1.1 server.
    return await listenLocally(createAdaptorServer({ fetch: app.fetch }) as Server, {
      port,
      graceMs: GRACE_MS,
    });
  } catch (cause) {
    switch ((cause as NodeJS.ErrnoException).code) {
      case "EADDRINUSE":
        throw new FreshetError(
          "PORT_IN_USE",
          `port ${port} of 127.0.0.1 is in use; name another, or 0 for any that is free.`,
          { cause },
        );
      case "EACCES":
        throw new FreshetError(
          "OPTION_INVALID",
          `port ${port} may not be opened by this user; name one from 1024 on, or 0 for any that is free.`,
          { cause },
        );
      default:
        throw cause;
    }
  }
}
