import type { DuckDBConnection } from "@duckdb/node-api";
import { DAY_MS, type Flight, loadFlights, MINUTE_MS, type TimeRange } from "./flights.ts";

/** A row of the stream `departures`: what is known when a flight is due to leave. The delay is not. */
export type Departure = {
  readonly id: string;
  readonly scheduled: string;
  readonly origin: string;
  readonly destination: string;
  readonly distance: number;
};

/** A row of the stream `arrivals`: what is known when a flight has landed. */
export type Arrival = {
  readonly id: string;
  readonly landed: string;
  readonly origin: string;
  readonly destination: string;
  readonly delay: number;
};

/** An event with its time and its flight. */
export interface Timed<Row> {
  readonly timeMs: number;
  readonly flight: Flight;
  readonly row: Row;
}

/** Both streams in a range, each in the order of (time, row of the file). */
export interface FlightEvents {
  readonly departures: readonly Timed<Departure>[];
  readonly arrivals: readonly Timed<Arrival>[];
}

/** More than any flight takes from its scheduled departure to landing (10 h in the air, 28 h late). */
const LONGEST_FLIGHT_MS = 2 * DAY_MS;

/** Minutes from gate to gate: half an hour for taxi, climb and approach, and 8 miles a minute (480 mph). */
export function flightMinutes(distanceMiles: number): number {
  return 30 + Math.floor((distanceMiles + 4) / 8);
}

/**
 * When a flight's delay becomes known: scheduled departure + flight time + delay. A few dozen rows of the file
 * would land before they leave (delays to -1116 minutes); they land one minute after, so that no row's delay is
 * known at its own departure.
 */
export function landedMs(flight: Pick<Flight, "scheduledMs" | "distance" | "delay">): number {
  return flight.scheduledMs + Math.max(1, flightMinutes(flight.distance) + flight.delay) * MINUTE_MS;
}

const timestamp = (ms: number): string => new Date(ms).toISOString();

function departure(flight: Flight): Timed<Departure> {
  const { row, scheduledMs, origin, destination, distance } = flight;
  return {
    timeMs: scheduledMs,
    flight,
    row: { id: `d${row}`, scheduled: timestamp(scheduledMs), origin, destination, distance },
  };
}

function arrival(flight: Flight): Timed<Arrival> {
  const { row, origin, destination, delay } = flight;
  const timeMs = landedMs(flight);
  return {
    timeMs,
    flight,
    row: { id: `a${row}`, landed: timestamp(timeMs), origin, destination, delay },
  };
}

/** The events that `flights` make in a range. Flights that left before it land in it, and some land after it. */
export function eventsOf(flights: readonly Flight[], range: TimeRange): FlightEvents {
  const inOrder = (left: Timed<unknown>, right: Timed<unknown>): number =>
    left.timeMs - right.timeMs || left.flight.row - right.flight.row;
  const all = { departures: flights.map(departure), arrivals: flights.map(arrival) };
  const { departures, arrivals } = eventsWithin(all, range);
  return { departures: departures.toSorted(inOrder), arrivals: arrivals.toSorted(inOrder) };
}

/** Both streams in a range, from the file. */
export async function loadEvents(
  connection: DuckDBConnection,
  range: TimeRange,
  file?: string,
): Promise<FlightEvents> {
  const flights = await loadFlights(
    connection,
    { fromMs: range.fromMs - LONGEST_FLIGHT_MS, endMs: range.endMs },
    file,
  );
  return eventsOf(flights, range);
}

/** The part of the events that lies in a range. */
export function eventsWithin(events: FlightEvents, range: TimeRange): FlightEvents {
  return {
    departures: events.departures.filter((event) => isWithin(event, range)),
    arrivals: events.arrivals.filter((event) => isWithin(event, range)),
  };
}

function isWithin({ timeMs }: Timed<unknown>, { fromMs, endMs }: TimeRange): boolean {
  return timeMs >= fromMs && timeMs < endMs;
}
