import { z } from "zod";
import { gt, model, service, source, view } from "../../lib/index.ts";

/** A flight counts as late from 16 minutes on. */
const LATE = { delay: gt(15) } as const;

export const departures = source("departures", {
  description: "A flight is due to leave. Its delay is not known yet.",
  schema: z.object({
    id: z.string(),
    scheduled: z.iso.datetime(),
    origin: z.string(),
    destination: z.string(),
    distance: z.number(),
  }),
  partitionKey: "origin",
  eventTime: "scheduled",
  arrivalTime: "scheduled",
  eventId: "id",
});

export const arrivals = source("arrivals", {
  description: "A flight has landed, and its delay in minutes is known.",
  schema: z.object({
    id: z.string(),
    landed: z.iso.datetime(),
    origin: z.string(),
    destination: z.string(),
    delay: z.number(),
  }),
  partitionKey: "destination",
  eventTime: "landed",
  arrivalTime: "landed",
  eventId: "id",
});

export const originDepartures = view("origin_departures", {
  description: "How busy an airport's runways are.",
  version: 1,
  source: departures,
  entity: "origin",
  sla: "5m",
  features: (t) => ({ departures: t.count().over("1h", "3h", "24h") }),
});

export const routeDepartures = view("route_departures", {
  description: "How often a route is flown.",
  version: 1,
  source: departures,
  entity: ["origin", "destination"],
  sla: "5m",
  features: (t) => ({ departures: t.count().over("3h", "24h") }),
});

export const destinationArrivals = view("destination_arrivals", {
  description: "How late the flights are that land at an airport.",
  version: 1,
  source: arrivals,
  entity: "destination",
  sla: "5m",
  features: (t) => ({
    arrivals: t.count().over("1h", "3h", "24h"),
    delay_mean: t.mean("delay").over("1h", "3h", "24h"),
    late_share: t.share({ where: LATE }).over("1h", "3h", "24h"),
    delay_max: t.max("delay").over("1h", "3h", "24h"),
    delay_p90: t.approxPercentile("delay", { p: 0.9 }).over("1h", "3h", "24h"),
  }),
});

export const originArrivals = view("origin_arrivals", {
  description:
    "How late the flights landed that had left an airport. Keyed by origin, so every shard writes a part.",
  version: 1,
  source: arrivals,
  entity: "origin",
  sla: "5m",
  features: (t) => ({
    landed: t.count().over("1h", "3h", "24h"),
    delay_mean: t.mean("delay").over("1h", "3h", "24h"),
    late_share: t.share({ where: LATE }).over("1h", "3h", "24h"),
  }),
});

export const routeArrivals = view("route_arrivals", {
  description:
    "How often a route is flown and how often late, the last days counting most; its last three delays.",
  version: 1,
  source: arrivals,
  entity: ["origin", "destination"],
  sla: "5m",
  features: (t) => ({
    flights: t.expDecayCount({ halfLife: "7d" }).lifetime(),
    late: t.expDecayCount({ halfLife: "7d", where: LATE }).lifetime(),
    delays: t.lastK("delay", { k: 3 }).lifetime(),
  }),
});

export const network = view("network", {
  description: "The whole network in the last hour.",
  version: 1,
  source: arrivals,
  entity: [],
  sla: "5m",
  features: (t) => ({
    active_origins: t.approxDistinct("origin").over("1h"),
    delay_mean: t.mean("delay").over("1h"),
  }),
});

export const atDeparture = service("at_departure", {
  description: "What is known of a flight when it is due to leave.",
  version: 1,
  views: {
    origin: originDepartures,
    inbound: destinationArrivals.by({ destination: "origin" }),
    destination: destinationArrivals,
    outbound: originArrivals,
    route: routeDepartures,
    landed: routeArrivals,
    reverse: routeArrivals.by({ origin: "destination", destination: "origin" }),
    network,
  },
  request: z.object({
    hour: z.int().min(0).max(23),
    /** 1 is Monday, 7 is Sunday. */
    weekday: z.int().min(1).max(7),
    distance: z.number().positive(),
  }),
  derive: ({ origin, inbound, landed, reverse }) => ({
    // Departures of the last hour against an average hour of the last day.
    origin_rush: origin.departures_24h === 0 ? null : (24 * origin.departures_1h) / origin.departures_24h,
    // Whether the planes that come in are later than they were over the day.
    inbound_trend:
      inbound.delay_mean_1h === null || inbound.delay_mean_24h === null
        ? null
        : inbound.delay_mean_1h - inbound.delay_mean_24h,
    // What share of the flights was late, that way and back.
    route_late: landed.flights_lifetime === 0 ? null : landed.late_lifetime / landed.flights_lifetime,
    reverse_late: reverse.flights_lifetime === 0 ? null : reverse.late_lifetime / reverse.flights_lifetime,
  }),
  vector: [
    "request.hour",
    "request.weekday",
    "request.distance",
    "origin.departures_1h",
    "origin.departures_3h",
    "origin.departures_24h",
    "origin_rush",
    "inbound.arrivals_1h",
    "inbound.arrivals_3h",
    "inbound.arrivals_24h",
    "inbound.delay_mean_1h",
    "inbound.delay_mean_3h",
    "inbound.delay_mean_24h",
    "inbound.late_share_1h",
    "inbound.late_share_3h",
    "inbound.late_share_24h",
    "inbound.delay_max_1h",
    "inbound.delay_max_3h",
    "inbound.delay_max_24h",
    "inbound.delay_p90_1h",
    "inbound.delay_p90_3h",
    "inbound.delay_p90_24h",
    "inbound_trend",
    "destination.arrivals_1h",
    "destination.arrivals_3h",
    "destination.arrivals_24h",
    "destination.delay_mean_1h",
    "destination.delay_mean_3h",
    "destination.delay_mean_24h",
    "destination.late_share_1h",
    "destination.late_share_3h",
    "destination.late_share_24h",
    "destination.delay_max_1h",
    "destination.delay_max_3h",
    "destination.delay_max_24h",
    "destination.delay_p90_1h",
    "destination.delay_p90_3h",
    "destination.delay_p90_24h",
    "outbound.landed_1h",
    "outbound.landed_3h",
    "outbound.landed_24h",
    "outbound.delay_mean_1h",
    "outbound.delay_mean_3h",
    "outbound.delay_mean_24h",
    "outbound.late_share_1h",
    "outbound.late_share_3h",
    "outbound.late_share_24h",
    "route.departures_3h",
    "route.departures_24h",
    "landed.flights_lifetime",
    "route_late",
    "landed.delays_lifetime.0",
    "landed.delays_lifetime.1",
    "landed.delays_lifetime.2",
    "reverse_late",
    "reverse.delays_lifetime.0",
    "reverse.delays_lifetime.1",
    "reverse.delays_lifetime.2",
    "network.active_origins_1h",
    "network.delay_mean_1h",
  ],
});

/** The chance that a flight will be more than 15 minutes late. */
export const delayModel = model("delay", {
  version: 1,
  service: atDeparture,
  file: "model.onnx",
  output: "probability",
  onStale: "serve",
});

/** What the baseline knows: nothing that is folded. */
export const atSchedule = service("at_schedule", {
  description: "What a timetable tells of a flight.",
  version: 1,
  views: {},
  request: z.object({
    hour: z.int().min(0).max(23),
    weekday: z.int().min(1).max(7),
    distance: z.number().positive(),
  }),
  vector: ["request.hour", "request.weekday", "request.distance"],
});

export const baselineModel = model("baseline", {
  version: 1,
  service: atSchedule,
  file: "baseline.onnx",
  output: "probability",
  onStale: "serve",
});
