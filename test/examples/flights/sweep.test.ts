import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agrees } from "../../../examples/flights/check/agreement.ts";
import { openRecount, type Recount } from "../../../examples/flights/check/recount.ts";
import { recountMoment, recountVector } from "../../../examples/flights/check/recount-vector.ts";
import { atDeparture } from "../../../examples/flights/definitions.ts";
import { eventsOf, eventsWithin, landedMs } from "../../../examples/flights/events.ts";
import { DAY_MS, type Flight, MINUTE_MS } from "../../../examples/flights/flights.ts";
import { startSweep } from "../../../examples/flights/sweep.ts";
import { seededRandom } from "../../../examples/statistics/random.ts";
import { writeFlights } from "./write-flights.ts";

const range = { fromMs: Date.UTC(2001, 2, 5), endMs: Date.UTC(2001, 2, 8) };
const airports = ["AAA", "BBB", "CCC", "DDD"];
const random = seededRandom(11);
const among = (count: number): number => Math.floor(random() * count);

// Three days at four airports, two quiet stretches a day long among them, many in the same minute.
const flights: readonly Flight[] = Array.from({ length: 500 }, () => ({
  minute: among(2) * 2000 + among(300) * 5,
  origin: among(4),
  turn: 1 + among(3),
  delay: among(5) === 0 ? among(400) : among(40) - 25,
  distance: 80 + among(3) * 333,
}))
  .sort((left, right) => left.minute - right.minute)
  .map(({ minute, origin, turn, delay, distance }, row) => ({
    row,
    scheduledMs: range.fromMs + minute * MINUTE_MS,
    delay,
    distance,
    origin: airports[origin]!,
    destination: airports[(origin + turn) % 4]!,
  }));

function vectorsOf(some: readonly Flight[]): ReadonlyMap<number, readonly number[]> {
  const vectors = new Map<number, readonly number[]>();
  startSweep().advance(eventsOf(some, range), ({ row }, vector) => vectors.set(row, vector));
  return vectors;
}

describe("a sweep", () => {
  let folder: string;
  let recount: Recount;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "flights-"));
    const file = join(folder, "flights.parquet");
    await writeFlights(
      file,
      flights.map((flight) => ({
        ...flight,
        date: new Date(flight.scheduledMs).toISOString().slice(0, 16).replace("T", " "),
      })),
    );
    recount = await openRecount(range, { file });
  });

  afterAll(async () => {
    recount.close();
    await rm(folder, { recursive: true });
  });

  test("gives each departure the vector that a recount of the raw file gives", async () => {
    const vectors = vectorsOf(flights);
    expect(vectors.size).toBe(flights.length);
    for (const flight of flights.filter(({ row }) => row % 6 === 0)) {
      const expected = recountVector(flight, await recountMoment(recount, flight.scheduledMs));
      for (const [index, name] of atDeparture.vector.entries()) {
        const value = vectors.get(flight.row)![index]!;
        const { agreement, value: wanted } = expected[name]!;
        expect
          .soft(
            agrees(agreement, wanted, Number.isNaN(value) ? null : value),
            `${flight.row} ${name}: ${value} for ${wanted}`,
          )
          .toBe(true);
      }
    }
  });

  test("gives the same vectors in one go and in steps", () => {
    const whole = vectorsOf(flights);
    const events = eventsOf(flights, range);
    const sweep = startSweep();
    const stepped = new Map<number, readonly number[]>();
    for (let fromMs = range.fromMs; fromMs < range.endMs; fromMs += DAY_MS / 7) {
      const part = eventsWithin(events, { fromMs, endMs: fromMs + DAY_MS / 7 });
      sweep.advance(part, ({ row }, vector) => stepped.set(row, vector));
    }
    expect(stepped).toEqual(whole);
  });

  test("uses no delay of a flight that has not landed", () => {
    const nowMs = range.fromMs + 800 * MINUTE_MS;
    // A landing at or after `now` stays there, however late the flight turns out to be.
    const otherwise = flights.map((flight) =>
      landedMs(flight) >= nowMs ? { ...flight, delay: flight.delay + 1 + (flight.row % 90) } : flight,
    );
    const known = vectorsOf(flights);
    const changed = vectorsOf(otherwise);
    const until = flights.filter(({ scheduledMs }) => scheduledMs <= nowMs);
    expect(until.length).toBeGreaterThan(100);
    for (const { row } of until) expect(changed.get(row)).toEqual(known.get(row));
    expect(flights.some(({ row }) => !Object.is(changed.get(row)!.join(), known.get(row)!.join()))).toBe(
      true,
    );
  });
});
