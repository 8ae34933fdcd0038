import type { Flight } from "../flights.ts";
import type { Recount, RecountedFeatures, RecountedReading } from "./recount.ts";
import type { Agreement } from "./recount-measures.ts";
import { RECOUNTED_VIEW_NAMES, type RecountedView, recountedFeatures } from "./recount-views.ts";

/** A value of a vector with how an answer is compared with it. */
export interface RecountedValue {
  readonly value: number | null;
  readonly agreement: Agreement;
}

/** All views at one time. */
export type RecountedMoment = Readonly<Record<RecountedView, RecountedReading>>;

/** Reads every view at `asOfMs`. */
export async function recountMoment(recount: Recount, asOfMs: number): Promise<RecountedMoment> {
  const readings: Partial<Record<RecountedView, RecountedReading>> = {};
  for (const view of RECOUNTED_VIEW_NAMES) readings[view] = await recount.readView(view, asOfMs);
  return readings as RecountedMoment;
}

/** Which entity of which view each alias of the service means for a flight. */
const ALIASES: Readonly<Record<string, readonly [RecountedView, (flight: Flight) => string]>> = {
  origin: ["origin_departures", (flight) => flight.origin],
  inbound: ["destination_arrivals", (flight) => flight.origin],
  destination: ["destination_arrivals", (flight) => flight.destination],
  outbound: ["origin_arrivals", (flight) => flight.origin],
  route: ["route_departures", (flight) => `${flight.origin}|${flight.destination}`],
  landed: ["route_arrivals", (flight) => `${flight.origin}|${flight.destination}`],
  reverse: ["route_arrivals", (flight) => `${flight.destination}|${flight.origin}`],
  network: ["network", () => ""],
};

/**
 * The model's inputs for a flight at its scheduled time, by vector name, from the recount alone.
 *
 * @example
 * ```ts
 * const moment = await recountMoment(recount, flight.scheduledMs);
 * recountVector(flight, moment)["origin.departures_1h"]; // { value: 39, agreement: "exact" }
 * ```
 */
export function recountVector(
  flight: Flight,
  moment: RecountedMoment,
): Readonly<Record<string, RecountedValue>> {
  const vector: Record<string, RecountedValue> = {};
  for (const [alias, [view, keyOf]] of Object.entries(ALIASES)) {
    const { features, empty } = moment[view];
    const row: RecountedFeatures = features.get(keyOf(flight)) ?? empty;
    for (const { name, agreement, most } of recountedFeatures(view)) {
      const result = row[name] ?? null;
      if (most === undefined) {
        vector[`${alias}.${name}`] = { value: result as number | null, agreement };
        continue;
      }
      const list = result as readonly number[] | null;
      for (let item = 0; item < most; item += 1) {
        vector[`${alias}.${name}.${item}`] = { value: list?.[item] ?? null, agreement };
      }
    }
  }
  const exact = (value: number | null): RecountedValue => ({ value, agreement: "exact" });
  const departed = new Date(flight.scheduledMs);
  vector["request.hour"] = exact(departed.getUTCHours());
  vector["request.weekday"] = exact(departed.getUTCDay() === 0 ? 7 : departed.getUTCDay());
  vector["request.distance"] = exact(flight.distance);
  const value = (name: string): number | null => vector[name]?.value ?? null;
  const perDay = value("origin.departures_24h") ?? 0;
  vector.origin_rush = {
    value: perDay === 0 ? null : (24 * (value("origin.departures_1h") ?? 0)) / perDay,
    agreement: "rounding",
  };
  const lately = value("inbound.delay_mean_1h");
  const daily = value("inbound.delay_mean_24h");
  vector.inbound_trend = {
    value: lately === null || daily === null ? null : lately - daily,
    agreement: "difference",
  };
  for (const [name, alias] of [
    ["route_late", "landed"],
    ["reverse_late", "reverse"],
  ] as const) {
    const all = value(`${alias}.flights_lifetime`) ?? 0;
    const late = value(`${alias}.late_lifetime`) ?? 0;
    vector[name] = { value: all === 0 ? null : late / all, agreement: "rounding" };
  }
  return vector;
}
