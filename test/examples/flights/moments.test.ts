import { describe, expect, test } from "vitest";
import { chooseEntities, chooseMoments } from "../../../examples/flights/check/moments.ts";
import { RECOUNTED_VIEW_NAMES } from "../../../examples/flights/check/recount-views.ts";
import { eventsOf } from "../../../examples/flights/events.ts";
import { MINUTE_MS } from "../../../examples/flights/flights.ts";

const range = { fromMs: Date.UTC(2001, 4, 7), endMs: Date.UTC(2001, 4, 8) };
const airports = Array.from({ length: 30 }, (_, index) => `A${index}`);
const flights = Array.from({ length: 700 }, (_, row) => ({
  row,
  scheduledMs: range.fromMs + row * 2 * MINUTE_MS,
  delay: 0,
  distance: 400,
  origin: airports[row % 30]!,
  destination: airports[(row * 7 + 1) % 30]!,
}));
const events = eventsOf(flights, range);

describe("the moments", () => {
  test("are whole minutes with departures, one in each part of the range, the same at every run", () => {
    const moments = chooseMoments(events, range, 60);
    expect(moments).toHaveLength(60);
    expect(chooseMoments(events, range, 60)).toEqual(moments);
    const part = (range.endMs - range.fromMs) / 60;
    const departing = new Set(flights.map((flight) => flight.scheduledMs));
    moments.forEach((moment, index) => {
      expect(Math.floor((moment - range.fromMs) / part)).toBe(index);
      // Nothing departs in the last forty minutes: any minute of those will do.
      if (index < 58) expect(departing).toContain(moment);
      expect(moment % MINUTE_MS).toBe(0);
    });
  });

  test("lie in the range where nothing departs", () => {
    const moments = chooseMoments({ departures: [], arrivals: [] }, range, 10);
    expect(moments.length).toBe(10);
    for (const moment of moments) {
      expect(moment).toBeGreaterThanOrEqual(range.fromMs);
      expect(moment).toBeLessThanOrEqual(range.endMs);
    }
  });
});

describe("the entities of a moment", () => {
  const chosen = chooseEntities(events, range.fromMs, 80);

  test("are different, over all views, some of them of airports that do not exist", () => {
    expect(chosen).toHaveLength(80);
    expect(new Set(chosen.map(({ view, key }) => `${view} ${key.join("|")}`)).size).toBe(80);
    expect(new Set(chosen.map(({ view }) => view))).toEqual(new Set(RECOUNTED_VIEW_NAMES));
    const absent = chosen.filter(
      ({ key }) => key.length > 0 && !key.every((each) => airports.includes(each)),
    );
    expect(absent.length).toBeGreaterThan(3);
    expect(absent.length).toBeLessThan(30);
  });

  test("are the same at every run and others at another moment", () => {
    expect(chooseEntities(events, range.fromMs, 80)).toEqual(chosen);
    expect(chooseEntities(events, range.fromMs + MINUTE_MS, 80)).not.toEqual(chosen);
  });
});
