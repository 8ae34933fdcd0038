import type { RawRecord } from "../../../lib/local/producer/stream-producer.ts";
import type { Arrival, Departure } from "../events.ts";
import type { Flight, TimeRange } from "../flights.ts";
import { damagedRecord } from "./damage.ts";

export type StreamName = "departures" | "arrivals";

/** What is wrong with a record that no view can take. */
export type Damage =
  /** JSON that is cut in half. */
  | "not-json"
  /** A byte that no UTF-8 text has. */
  | "not-text"
  /** A number in quotes where the schema wants a number. */
  | "wrong-type"
  /** The magic bytes of the Kinesis Producer Library's aggregation. */
  | "aggregated"
  /** Put under the flight's other airport. */
  | "wrong-partition-key"
  /** Put under the right key to a shard that the key does not hash to. */
  | "wrong-shard"
  /** Dated a hundred years later: it would have arrived long after Kinesis stamped it. */
  | "future-dated";

/**
 * How a record was delivered. `out-of-order`: up to an hour after events that are newer; `late`: more than a day after
 * its time; `duplicate`: once more, as a new record of the same event id; damaged: a spoilt copy of a real record.
 */
export type DeliveryKind = "on-time" | "out-of-order" | "late" | "duplicate" | Damage;

/** One record on its way into a stream. */
export interface Delivery {
  readonly stream: StreamName;
  readonly kind: DeliveryKind;
  /** When it is put, by the replay's clock. */
  readonly atMs: number;
  /** The time of its event. */
  readonly timeMs: number;
  readonly flight: Flight;
  readonly row: Departure | Arrival;
}

/** What goes into both streams, each in the order it is put. */
export type Deliveries = Readonly<Record<StreamName, readonly Delivery[]>>;

/** The part of the deliveries that is put within a range. */
export function deliveriesWithin({ departures, arrivals }: Deliveries, range: TimeRange): Deliveries {
  const isWithin = ({ atMs }: Delivery): boolean => atMs >= range.fromMs && atMs < range.endMs;
  return { departures: departures.filter(isWithin), arrivals: arrivals.filter(isWithin) };
}

/** How far a replay had come that has put so many records: when the last of them was put; null before the first. */
export function lastPutMs(deliveries: Deliveries, put: Readonly<Record<StreamName, number>>): number | null {
  const times = (["departures", "arrivals"] as const).flatMap((stream) => {
    const last = deliveries[stream][put[stream] - 1];
    return last === undefined ? [] : [last.atMs];
  });
  return times.length === 0 ? null : Math.max(...times);
}

/** Whether the record is whole, whenever it comes. */
export function isSound(kind: DeliveryKind): kind is Exclude<DeliveryKind, Damage> {
  return kind === "on-time" || kind === "out-of-order" || kind === "late" || kind === "duplicate";
}

/** The record as it is put. */
export function recordOf(delivery: Delivery): RawRecord {
  const { stream, kind, flight, row } = delivery;
  const partitionKey = stream === "departures" ? flight.origin : flight.destination;
  const record = { data: Buffer.from(JSON.stringify(row)), partitionKey };
  return isSound(kind) ? record : damagedRecord(record, kind, delivery);
}
