import type { Flight } from "./flights.ts";

/** What a request for a score brings beside the keys. */
export interface FlightContext extends Readonly<Record<string, number>> {
  readonly hour: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  readonly distance: number;
}

/** The keys of a flight, as the service `at_departure` names them. */
export function keysOf(flight: Flight): { readonly origin: string; readonly destination: string } {
  return { origin: flight.origin, destination: flight.destination };
}

/** The context of a flight at its scheduled time. */
export function contextOf(flight: Flight): FlightContext {
  const scheduled = new Date(flight.scheduledMs);
  return {
    hour: scheduled.getUTCHours(),
    weekday: scheduled.getUTCDay() || 7,
    distance: flight.distance,
  };
}

/** The body of `POST /v1/predict` for a flight. */
export function predictionRequest(flight: Flight): {
  readonly model: string;
  readonly keys: ReturnType<typeof keysOf>;
  readonly context: FlightContext;
} {
  return { model: "delay", keys: keysOf(flight), context: contextOf(flight) };
}
