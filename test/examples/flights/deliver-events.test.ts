import { describe, expect, test } from "vitest";
import { shardOf } from "../../../examples/flights/check/verdicts.ts";
import {
  countInjected,
  deliverOnTime,
  deliverWithFaults,
  LONGEST_DELAY_MS,
} from "../../../examples/flights/deliver/deliver-events.ts";
import { type Delivery, isSound, recordOf } from "../../../examples/flights/deliver/delivery.ts";
import { eventsOf } from "../../../examples/flights/events.ts";
import { DAY_MS, type Flight, MINUTE_MS } from "../../../examples/flights/flights.ts";
import { seededRandom } from "../../../examples/statistics/random.ts";

const range = { fromMs: Date.UTC(2001, 2, 5), endMs: Date.UTC(2001, 2, 7) };
const longer = { ...range, fromMs: range.fromMs - LONGEST_DELAY_MS };
const random = seededRandom(5);
const airports = ["AAA", "BBB", "CCC", "DDD", "EEE"];
const flights: readonly Flight[] = Array.from({ length: 20_000 }, (_, row) => ({
  row,
  scheduledMs:
    longer.fromMs + Math.floor((row * (range.endMs - longer.fromMs)) / 20_000 / MINUTE_MS) * MINUTE_MS,
  delay: Math.floor(random() * 60) - 20,
  distance: 400,
  origin: airports[row % 5]!,
  destination: airports[(row + 1 + (row % 3)) % 5]!,
}));
const events = eventsOf(flights, longer);
const faults = { seed: 3, shards: 2 };
const { departures } = deliverWithFaults(events, range, faults);
const ofKind = (kind: Delivery["kind"]): readonly Delivery[] =>
  departures.filter((delivery) => delivery.kind === kind);

describe("deliveries", () => {
  test("without faults are every event of the range once, at its time", () => {
    const onTime = deliverOnTime(events, range).departures;
    const expected = flights.filter(({ scheduledMs }) => scheduledMs >= range.fromMs);
    expect(onTime.map(({ flight }) => flight.row)).toEqual(expected.map(({ row }) => row));
    expect(onTime.every(({ atMs, timeMs, kind }) => atMs === timeMs && kind === "on-time")).toBe(true);
  });

  test("bring each event of a range once, but for what is put after its end", () => {
    const originals = departures.filter(({ kind }) => isSound(kind) && kind !== "duplicate");
    const rows = originals.map(({ flight }) => flight.row);
    expect(new Set(rows).size).toBe(rows.length);
    const missing = flights.filter(
      ({ row, scheduledMs }) => scheduledMs >= range.fromMs && !rows.includes(row),
    );
    // One in a hundred is put a day late, half of those after two days; a few in the last hour are held for one.
    expect(missing.length).toBeGreaterThan(20);
    expect(missing.length).toBeLessThan(0.03 * rows.length);
  });

  test("are out of order by up to an hour, or late by 26 to 48", () => {
    const hours = (kind: Delivery["kind"]): readonly number[] =>
      ofKind(kind).map(({ atMs, timeMs }) => (atMs - timeMs) / 3_600_000);
    expect(Math.min(...hours("out-of-order"))).toBeGreaterThan(0);
    expect(Math.max(...hours("out-of-order"))).toBeLessThanOrEqual(1);
    expect(Math.max(...hours("out-of-order"))).toBeGreaterThan(0.9);
    expect(Math.min(...hours("late"))).toBeGreaterThanOrEqual(25.9);
    expect(Math.max(...hours("late"))).toBeLessThanOrEqual(48);
    expect(ofKind("late").some(({ timeMs }) => timeMs < range.fromMs)).toBe(true);
  });

  test("repeat an event's bytes, soon for the most part and up to six hours later", () => {
    const repeated = ofKind("duplicate");
    expect(repeated.length).toBeGreaterThan(200);
    const first = new Map(
      departures
        .filter(({ kind }) => isSound(kind) && kind !== "duplicate")
        .map((one) => [one.flight.row, one]),
    );
    const waitsMs = repeated.flatMap((again) => {
      const original = first.get(again.flight.row);
      if (original === undefined) return [];
      expect(recordOf(again)).toEqual(recordOf(original));
      return [again.atMs - original.atMs];
    });
    expect(Math.min(...waitsMs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(6 * 3_600_000);
    expect(waitsMs.filter((waitMs) => waitMs <= 10 * MINUTE_MS).length).toBeGreaterThan(0.7 * waitsMs.length);
  });

  test("are put in the order of their time", () => {
    const times = departures.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((left, right) => left - right));
  });

  test("are the same whole and in parts, and others for another seed", () => {
    const parts = Array.from({ length: 4 }, (_, part) => ({
      fromMs: range.fromMs + (part * DAY_MS) / 2,
      endMs: range.fromMs + ((part + 1) * DAY_MS) / 2,
    })).flatMap((part) => {
      const near = { ...part, fromMs: part.fromMs - LONGEST_DELAY_MS };
      return deliverWithFaults(eventsOf(flights, near), part, faults).departures;
    });
    expect(parts).toEqual(departures);
    expect(deliverWithFaults(events, range, { ...faults, seed: 4 }).departures).not.toEqual(departures);
  });

  test("have every kind of damage, none of it readable as the event", () => {
    const counts = countInjected({ departures, arrivals: [] });
    for (const [kind, count] of Object.entries(counts)) expect(count, kind).toBeGreaterThan(5);
    for (const delivery of ofKind("wrong-partition-key")) {
      expect(recordOf(delivery).partitionKey).not.toBe(delivery.flight.origin);
    }
    for (const delivery of ofKind("wrong-shard")) {
      const { partitionKey, explicitHashKey } = recordOf(delivery);
      const shard = Number((BigInt(explicitHashKey!) * 2n) / 2n ** 128n);
      expect(shard).not.toBe(shardOf(partitionKey, 2));
    }
    for (const delivery of ofKind("future-dated")) {
      expect(JSON.parse(String(recordOf(delivery).data)).scheduled).toMatch(/^2101-/);
    }
    for (const delivery of [...ofKind("not-json"), ...ofKind("not-text"), ...ofKind("aggregated")]) {
      const { data } = recordOf(delivery);
      expect(() => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data))).toThrow();
    }
  });

  test("have no wrong shard where there is one alone", () => {
    const single = deliverWithFaults(events, range, { seed: 3, shards: 1 });
    expect(countInjected(single)["wrong-shard"]).toBe(0);
  });
});
