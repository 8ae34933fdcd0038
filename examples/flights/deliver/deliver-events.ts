import { seededRandom } from "../../statistics/random.ts";
import type { Arrival, Departure, FlightEvents, Timed } from "../events.ts";
import { MINUTE_MS, type TimeRange } from "../flights.ts";
import type { Damage, Deliveries, Delivery, DeliveryKind, StreamName } from "./delivery.ts";

/** What goes wrong on the way, the same for the same seed. */
export interface FaultSettings {
  readonly seed: number;
  /** With one shard there is no wrong one to put a record to. */
  readonly shards: number;
}

/** Shares of all events. */
const LATE = 0.01;
const OUT_OF_ORDER = 0.05;
const DUPLICATE = 0.03;
const DAMAGED = 0.03;

const HOUR_MS = 60 * MINUTE_MS;
const MOST_OUT_OF_ORDER_MS = HOUR_MS;
const LEAST_LATE_MS = 26 * HOUR_MS;
const MOST_LATE_MS = 48 * HOUR_MS;
/** Most repetitions come soon; one in four after up to so long, when a busy item has forgotten the id. */
const SOON_REPEATED_MS = 10 * MINUTE_MS;
const MOST_REPEATED_MS = 6 * HOUR_MS;
const REPEATED_SOON = 0.75;

/** How long after its time the last record of an event is put: events of this long before a range belong to it. */
export const LONGEST_DELAY_MS = MOST_LATE_MS + MOST_REPEATED_MS;

/** Malformed records, wrong partition keys and future dates in equal parts. */
const DAMAGES: readonly (readonly Damage[])[] = [
  ["not-json", "not-text", "wrong-type", "aggregated"],
  ["wrong-partition-key", "wrong-shard"],
  ["future-dated"],
];

/** Every event of a range once, at its time. */
export function deliverOnTime(events: FlightEvents, range: TimeRange): Deliveries {
  return deliver(events, range, (stream, event) => [deliveryOf(stream, event, "on-time", event.timeMs)]);
}

/**
 * The records that faults make of the events, put within a range: each event is delivered once, on time or not; some are
 * repeated, and of some a damaged copy is put at the same time. What befalls an event depends on the seed and its row
 * of the file alone, so that a range gives the same records whole and in parts.
 *
 * @param events - those of the range and of {@link LONGEST_DELAY_MS} before it.
 */
export function deliverWithFaults(
  events: FlightEvents,
  range: TimeRange,
  { seed, shards }: FaultSettings,
): Deliveries {
  return deliver(events, range, (stream, event) => {
    const random = seededRandom(eventSeed(seed, stream, event.flight.row));
    const deliveries: Delivery[] = [];
    const put = (kind: DeliveryKind, atMs: number): void => {
      deliveries.push(deliveryOf(stream, event, kind, atMs));
    };
    const fate = random();
    let atMs = event.timeMs;
    if (fate < LATE) {
      atMs += wholeMinutes(LEAST_LATE_MS + random() * (MOST_LATE_MS - LEAST_LATE_MS));
      put("late", atMs);
    } else if (fate < LATE + OUT_OF_ORDER) {
      atMs += wholeMinutes(MINUTE_MS + random() * (MOST_OUT_OF_ORDER_MS - MINUTE_MS));
      put("out-of-order", atMs);
    } else {
      put("on-time", atMs);
    }
    if (random() < DUPLICATE) {
      const longestMs = random() < REPEATED_SOON ? SOON_REPEATED_MS : MOST_REPEATED_MS;
      put("duplicate", atMs + wholeMinutes(random() * longestMs));
    }
    if (random() < DAMAGED) put(damage(random, shards), atMs);
    return deliveries;
  });
}

function damage(random: () => number, shards: number): Damage {
  const sort = DAMAGES[Math.floor(random() * DAMAGES.length)]!;
  const one = sort[Math.floor(random() * sort.length)]!;
  return one === "wrong-shard" && shards === 1 ? "wrong-partition-key" : one;
}

function deliver(
  events: FlightEvents,
  { fromMs, endMs }: TimeRange,
  fateOf: (stream: StreamName, event: Timed<Departure | Arrival>) => readonly Delivery[],
): Deliveries {
  const of = (stream: StreamName): readonly Delivery[] =>
    events[stream]
      .flatMap((event) => fateOf(stream, event))
      .filter(({ atMs }) => atMs >= fromMs && atMs < endMs)
      // A stable order: the records of one event stay as they were made.
      .sort((left, right) => left.atMs - right.atMs || left.flight.row - right.flight.row);
  return { departures: of("departures"), arrivals: of("arrivals") };
}

function deliveryOf(
  stream: StreamName,
  { timeMs, flight, row }: Timed<Departure | Arrival>,
  kind: DeliveryKind,
  atMs: number,
): Delivery {
  return { stream, kind, atMs, timeMs, flight, row };
}

/** Far apart for neighbouring rows and seeds. */
function eventSeed(seed: number, stream: StreamName, row: number): number {
  const spread = Math.imul(seed, 0x9e3779b1) ^ Math.imul(row + 1, 0x85ebca6b);
  return stream === "departures" ? spread : ~spread;
}

const wholeMinutes = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

/** What was put within a range, by kind. */
export type InjectedCounts = Readonly<Record<Exclude<DeliveryKind, "on-time">, number>>;

/** Counts what is not as it should be. */
export function countInjected({ departures, arrivals }: Deliveries): InjectedCounts {
  const counts = {
    duplicate: 0,
    "out-of-order": 0,
    late: 0,
    "not-json": 0,
    "not-text": 0,
    "wrong-type": 0,
    aggregated: 0,
    "wrong-partition-key": 0,
    "wrong-shard": 0,
    "future-dated": 0,
  };
  for (const deliveries of [departures, arrivals]) {
    for (const { kind } of deliveries) if (kind !== "on-time") counts[kind] += 1;
  }
  return counts;
}
