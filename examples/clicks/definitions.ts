import { z } from "zod";
import { service, source, view } from "../../lib/index.ts";

export const clicks = source("clicks", {
  description: "A click on a page. The collector stamps when it came in, which may be after later ones.",
  schema: z.object({
    id: z.string(),
    user: z.string(),
    page: z.string(),
    at: z.iso.datetime(),
    arrivedAt: z.iso.datetime(),
  }),
  partitionKey: "user",
  eventTime: "at",
  arrivalTime: "arrivedAt",
  eventId: "id",
});

export const userClicks = view("user_clicks", {
  description: "What one user does.",
  version: 1,
  source: clicks,
  entity: "user",
  sla: "1m",
  allowedLateness: "1m",
  features: (t) => ({
    // clicks_5m rolls by ten seconds; clicks_tumbling_1m is the last minute that is over; clicks_lifetime only grows.
    clicks: t.count().over("5m").tumbling("1m").lifetime(),
    visit: t.count().session({ gap: "3m", max: "15m" }),
    visit_start: t.min((click) => Date.parse(click.at)).session({ gap: "3m", max: "15m" }),
  }),
});

export const site = view("site", {
  description: "All users together, a minute at a time: each shard keeps a part, and a read merges them.",
  version: 1,
  source: clicks,
  sla: "1m",
  allowedLateness: "1m",
  // An item takes the clicks of a whole shard, and retries come within seconds.
  dedup: { horizon: "5m", count: 512 },
  features: (t) => ({
    clicks: t.count().tumbling("1m"),
    active: t.distinct("user", { max: 1_000 }).tumbling("1m"),
    busiest: t.approxTopK("user", { k: 20 }).tumbling("1m"),
  }),
});

export const activeUsers = view("active_users", {
  description:
    "Sixty sketches, one a minute: their history is the series. A view of its own, to keep no more for so long.",
  version: 1,
  source: clicks,
  sla: "1m",
  allowedLateness: "1m",
  dedup: { horizon: "5m", count: 512 },
  features: (t) => ({ users: t.approxDistinct("user").over("1h", { hop: "1m" }) }),
});

/** What is asked of a user. */
export const visitor = service("visitor", {
  version: 1,
  views: { user: userClicks },
  vector: ["user.clicks_5m", "user.clicks_tumbling_1m", "user.visit_session_3m_15m"],
});

/** What is asked of the site. */
export const traffic = service("traffic", {
  version: 1,
  views: { site, active: activeUsers },
  vector: ["site.clicks_tumbling_1m", "site.active_tumbling_1m", "active.users_1h"],
});
