import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRecount, type Recount } from "../../../examples/flights/check/recount.ts";
import { recountMoment, recountVector } from "../../../examples/flights/check/recount-vector.ts";
import { type FlightEvents, loadEvents } from "../../../examples/flights/events.ts";
import { writeFlights } from "./write-flights.ts";

const at = (time: string): number => Date.parse(`2001-03-05T${time}:00Z`);
const range = { fromMs: at("00:00"), endMs: at("00:00") + 86_400_000 };

// Landing: scheduled + 30 + distance / 8, rounded, + delay. 240 miles: an hour in all.
const flights = [
  { date: "2001-03-04 22:30", delay: 40, distance: 240, origin: "AAA", destination: "BBB" }, // lands 00:10
  { date: "2001-03-04 22:00", delay: 5, distance: 240, origin: "AAA", destination: "BBB" }, // lands 23:05 the day before
  { date: "2001-03-05 06:00", delay: 20, distance: 240, origin: "AAA", destination: "BBB" }, // lands 07:20
  { date: "2001-03-05 06:00", delay: 20, distance: 240, origin: "AAA", destination: "BBB" }, // lands 07:20, its twin
  { date: "2001-03-05 06:10", delay: 15, distance: 244, origin: "CCC", destination: "BBB" }, // 30.5 -> 31: lands 07:26
  { date: "2001-03-05 06:20", delay: -8, distance: 80, origin: "CCC", destination: "AAA" }, // lands 06:52
  { date: "2001-03-05 07:30", delay: -300, distance: 80, origin: "AAA", destination: "CCC" }, // at least a minute: 07:31
  { date: "2001-03-05 23:30", delay: 0, distance: 240, origin: "AAA", destination: "BBB" }, // lands the day after
];

let folder: string;
let recount: Recount;
let events: FlightEvents;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flights-"));
  const file = join(folder, "flights.parquet");
  await writeFlights(file, flights);
  recount = await openRecount(range, { file });
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  events = await loadEvents(connection, range, file);
  connection.closeSync();
});

afterAll(async () => {
  recount.close();
  await rm(folder, { recursive: true });
});

describe("the events of a range", () => {
  test("are those whose own time lies in it, whenever the flight left", () => {
    expect(events.departures.map(({ row }) => [row.id, row.scheduled.slice(11, 16)])).toEqual([
      ["d2", "06:00"],
      ["d3", "06:00"],
      ["d4", "06:10"],
      ["d5", "06:20"],
      ["d6", "07:30"],
      ["d7", "23:30"],
    ]);
    expect(events.arrivals.map(({ row }) => [row.id, row.landed.slice(11, 16)])).toEqual([
      ["a0", "00:10"],
      ["a5", "06:52"],
      ["a2", "07:20"],
      ["a3", "07:20"],
      ["a4", "07:26"],
      ["a6", "07:31"],
    ]);
  });

  test("hold no delay of a flight that has not landed", () => {
    for (const { row } of events.departures) expect(Object.keys(row)).not.toContain("delay");
    for (const { timeMs, flight } of events.arrivals) expect(timeMs).toBeGreaterThan(flight.scheduledMs);
  });

  test("are as many as the recount has", async () => {
    expect(await recount.countEvents()).toEqual({
      departures: events.departures.length,
      arrivals: events.arrivals.length,
    });
  });
});

describe("a recount", () => {
  test("counts what came before the as-of time, not at it", async () => {
    const before = await recount.readView("origin_departures", at("06:00"));
    expect(before.features.size).toBe(0);
    const after = await recount.readView("origin_departures", at("06:01"));
    expect(after.features.get("AAA")).toEqual({ departures_1h: 2, departures_3h: 2, departures_24h: 2 });
  });

  test("starts a window at a whole hop", async () => {
    // At 07:04 the hour starts at floor(06:04 to 5 minutes) = 06:00; at 07:05 at 06:05.
    const wide = await recount.readView("origin_departures", at("07:04"));
    expect(wide.features.get("AAA")?.departures_1h).toBe(2);
    const narrow = await recount.readView("origin_departures", at("07:05"));
    expect(narrow.features.get("AAA")).toEqual({ departures_1h: 0, departures_3h: 2, departures_24h: 2 });
  });

  test("takes means, shares, extremes and the sorted value at rank floor(0.9 (n - 1))", async () => {
    const { features } = await recount.readView("destination_arrivals", at("07:30"));
    expect(features.get("BBB")).toEqual({
      arrivals_1h: 3,
      arrivals_3h: 3,
      arrivals_24h: 4,
      delay_mean_1h: 55 / 3,
      delay_mean_3h: 55 / 3,
      delay_mean_24h: 95 / 4,
      late_share_1h: 2 / 3,
      late_share_3h: 2 / 3,
      late_share_24h: 3 / 4,
      delay_max_1h: 20,
      delay_max_3h: 20,
      delay_max_24h: 40,
      delay_p90_1h: 20,
      delay_p90_3h: 20,
      delay_p90_24h: 20,
    });
  });

  test("halves what counts with every half-life of its age, back to where the replay began", async () => {
    const { features, empty } = await recount.readView("route_arrivals", at("07:21"));
    // Landed at 00:10 and, twice, at 07:20; the landing of the day before is not of the replay.
    const weight = (minutes: number): number => 0.5 ** (minutes / (7 * 24 * 60));
    const counted = weight(431) + 2 * weight(1);
    const route = features.get("AAA|BBB")!;
    expect(route.flights_lifetime).toBeCloseTo(counted, 12);
    expect(route.late_lifetime).toBeCloseTo(counted, 12);
    const other = features.get("CCC|AAA")!;
    expect(other.flights_lifetime).toBeCloseTo(weight(29), 12);
    expect(other.late_lifetime).toBe(0);
    expect(empty).toEqual({ flights_lifetime: 0, late_lifetime: 0, delays_lifetime: null });
  });

  test("lists the last three delays, latest first", async () => {
    const { features } = await recount.readView("route_arrivals", at("08:00"));
    expect(features.get("AAA|BBB")!.delays_lifetime).toEqual([20, 20, 40]);
    expect(features.get("CCC|AAA")!.delays_lifetime).toEqual([-8]);
  });

  test("answers 0 for an empty count and null for the rest", async () => {
    const { features, empty } = await recount.readView("origin_arrivals", at("06:00"));
    expect(features.get("CCC")).toBeUndefined();
    expect(empty).toMatchObject({ landed_1h: 0, delay_mean_24h: null, late_share_1h: null });
    expect(features.get("AAA")).toMatchObject({ landed_1h: 0, delay_mean_1h: null, landed_24h: 1 });
  });

  test("joins a composite key, and has one entity or none without a key", async () => {
    const routes = await recount.readView("route_departures", at("08:00"));
    expect(routes.features.get("CCC|AAA")).toEqual({ departures_3h: 1, departures_24h: 1 });
    expect((await recount.readView("network", at("00:10"))).features.size).toBe(0);
    const network = await recount.readView("network", at("07:30"));
    expect([...network.features]).toEqual([["", { active_origins_1h: 2, delay_mean_1h: 47 / 4 }]]);
  });

  test("gives a departure's vector by the model's names", async () => {
    const flight = events.departures.find(({ row }) => row.id === "d6")!.flight;
    const vector = recountVector(flight, await recountMoment(recount, flight.scheduledMs));
    const values = Object.fromEntries(Object.entries(vector).map(([name, { value }]) => [name, value]));
    expect(values).toMatchObject({
      "request.hour": 7,
      "request.weekday": 1,
      "request.distance": 80,
      "origin.departures_24h": 2,
      "origin.departures_1h": 0,
      origin_rush: 0,
      "inbound.arrivals_1h": 1,
      "inbound.delay_mean_1h": -8,
      inbound_trend: 0,
      "destination.arrivals_24h": 0,
      "destination.delay_mean_24h": null,
      "outbound.landed_3h": 2,
      "outbound.landed_24h": 3,
      "route.departures_24h": 0,
      "network.active_origins_1h": 2,
      route_late: null,
      reverse_late: 0,
      "landed.flights_lifetime": 0,
      "landed.delays_lifetime.0": null,
      "reverse.delays_lifetime.0": -8,
      "reverse.delays_lifetime.1": null,
    });
  });
});
