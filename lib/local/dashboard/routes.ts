import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { streamSSE } from "hono/streaming";
import { clientScript, stylesheet } from "./assets.ts";
import { page } from "./page.ts";
import type { LiveSnapshot } from "./snapshot.ts";
import type { SnapshotFeed } from "./snapshot-feed.ts";

/** The page, its two files, and its data: a snapshot to ask for, and the same as server-sent events. */
export interface LivePage {
  readonly fetch: (request: Request, environment?: object) => Response | Promise<Response>;
  /** Whether a request is the page's to answer, and not the API's. */
  readonly owns: (request: Request) => boolean;
  /** Ends the streams of those who watch, so that a server can close. */
  readonly stop: () => void;
}

const PATHS = {
  page: "/",
  styles: "/live/page.css",
  script: "/live/page.js",
  snapshot: "/live/snapshot",
  events: "/live/events",
} as const;

/** A browser holds six connections to a host open; a page takes one. */
const MOST_WATCHERS = 64;
const RETRY_AFTER_SECONDS = 5;

/** Nothing from another host, nothing inline, no frame around it. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ["data:"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/** @param options.title - what the page is of, such as the definitions' file. */
export function createLivePage(options: { readonly feed: SnapshotFeed; readonly title: string }): LivePage {
  const { feed, title } = options;
  const stops = new Set<() => void>();
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      // Over plain HTTP on this machine.
      strictTransportSecurity: false,
    }),
  );
  app.use(async (context, next) => {
    context.header("Cache-Control", "no-store");
    await next();
  });
  app.get(PATHS.page, (context) => context.html(page({ title, styles: PATHS.styles, script: PATHS.script })));
  app.get(PATHS.styles, async (context) =>
    context.body(await stylesheet(), 200, { "Content-Type": "text/css; charset=utf-8" }),
  );
  app.get(PATHS.script, async (context) =>
    context.body(await clientScript(), 200, { "Content-Type": "text/javascript; charset=utf-8" }),
  );
  app.get(PATHS.snapshot, async (context) => context.json(await feed.take()));
  app.get(PATHS.events, (context) => {
    if (stops.size >= MOST_WATCHERS) {
      return context.text(`${MOST_WATCHERS} pages watch already; close one.`, 503, {
        "Retry-After": String(RETRY_AFTER_SECONDS),
      });
    }
    return streamSSE(context, async (stream) => {
      const snapshots = latestOf(feed);
      const stop = () => snapshots.end();
      stops.add(stop);
      stream.onAbort(stop);
      try {
        for await (const snapshot of snapshots) {
          await stream.writeSSE({ data: JSON.stringify(snapshot), retry: 1_000 });
        }
      } finally {
        stops.delete(stop);
        snapshots.end();
      }
    });
  });
  const paths: readonly string[] = Object.values(PATHS);
  return {
    fetch: (request, environment) => app.fetch(request, environment),
    owns: ({ method, url }) =>
      (method === "GET" || method === "HEAD") && paths.includes(new URL(url).pathname),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** The state now, then each snapshot of a feed; whoever reads slowly misses those in between. */
function latestOf(feed: SnapshotFeed): AsyncIterable<LiveSnapshot> & { readonly end: () => void } {
  let latest: LiveSnapshot | null = null;
  let ended = false;
  let wake = () => {};
  const unwatch = feed.watch((snapshot) => {
    latest = snapshot;
    wake();
  });
  const end = () => {
    ended = true;
    unwatch();
    wake();
  };
  return {
    end,
    async *[Symbol.asyncIterator]() {
      const first = await feed.take();
      if (!ended) yield first;
      while (!ended) {
        if (latest === null) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const next: LiveSnapshot = latest;
        latest = null;
        yield next;
      }
    },
  };
}
