import type { DuckDBConnection } from "@duckdb/node-api";
import { eventsWithin, type FlightEvents, loadEvents } from "../events.ts";
import type { TimeRange } from "../flights.ts";
import { deliverOnTime, deliverWithFaults, type FaultSettings, LONGEST_DELAY_MS } from "./deliver-events.ts";
import type { Deliveries } from "./delivery.ts";

/** What happens in a range, and the records that are put of it. */
export interface LoadedRange {
  readonly events: FlightEvents;
  readonly deliveries: Deliveries;
}

/** Loads a range of the file. @param faults - Null: every event once, at its time. */
export async function loadDeliveries(
  connection: DuckDBConnection,
  range: TimeRange,
  faults: FaultSettings | null,
): Promise<LoadedRange> {
  if (faults === null) {
    const events = await loadEvents(connection, range);
    return { events, deliveries: deliverOnTime(events, range) };
  }
  const longer = await loadEvents(connection, { ...range, fromMs: range.fromMs - LONGEST_DELAY_MS });
  return { events: eventsWithin(longer, range), deliveries: deliverWithFaults(longer, range, faults) };
}
