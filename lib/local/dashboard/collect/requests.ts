import type { Clock } from "../../../engine/ports/clock.ts";
import type { LocalLogger } from "../../standard-error-logger.ts";
import type { LatencyRow } from "../snapshot.ts";
import { createRecentDurations, type RecentDurations } from "./recent-durations.ts";

/** Watches the API's request log: how long each route took to answer. */
export interface Requests {
  /** A logger that passes every line on. */
  observe(logger: LocalLogger): LocalLogger;
  /** Busiest route first. */
  latencies(): readonly LatencyRow[];
}

const DURATIONS = { capacity: 2_048, keepMs: 300_000 };
/** The API has fewer; routes come from its router, never from a client. */
const MOST_ROUTES = 64;

export function createRequests(options: { readonly wallClock: Clock }): Requests {
  const { wallClock } = options;
  const routes = new Map<string, { readonly durations: RecentDurations; failed: number; requests: number }>();

  const note = ({ method, route, status, durationMs }: Readonly<Record<string, unknown>>): void => {
    if (typeof durationMs !== "number" || typeof status !== "number") return;
    const name = `${method} ${route}`;
    let entry = routes.get(name);
    if (entry === undefined) {
      if (routes.size >= MOST_ROUTES) return;
      entry = { durations: createRecentDurations(DURATIONS), failed: 0, requests: 0 };
      routes.set(name, entry);
    }
    entry.durations.add(wallClock.now(), durationMs);
    entry.requests++;
    if (status >= 500) entry.failed++;
  };
  return {
    observe: (logger) => ({
      info(message, fields) {
        if (message === "request") note(fields);
        logger.info(message, fields);
      },
      warn: (message, fields) => logger.warn(message, fields),
      error: (message, fields) => logger.error(message, fields),
    }),
    latencies() {
      const nowMs = wallClock.now();
      return [...routes]
        .sort(([, left], [, right]) => right.requests - left.requests)
        .map(([name, { durations, failed }]) => ({
          name,
          kind: "request",
          ...durations.percentiles(nowMs),
          failed,
        }));
    },
  };
}
