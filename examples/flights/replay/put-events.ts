import type { Arrival, Departure, FlightEvents, Timed } from "../events.ts";

/** What a replay needs of the runtime. */
export interface ReplayTarget {
  put(source: string, rows: readonly (Departure | Arrival)[]): Promise<unknown>;
}

/** Puts both streams in time order, from where it was. */
export interface EventFeed {
  /** Puts everything before a time; answers how many events that were. */
  putUntil(endMs: number): Promise<number>;
  readonly put: { readonly departures: number; readonly arrivals: number };
}

/** Starts at the first event of each stream. */
export function feedEvents(target: ReplayTarget, events: FlightEvents): EventFeed {
  let departed = 0;
  let landed = 0;
  return {
    putUntil: async (endMs) => {
      const departures = takeUntil(events.departures, departed, endMs);
      const arrivals = takeUntil(events.arrivals, landed, endMs);
      departed += departures.length;
      landed += arrivals.length;
      await Promise.all([
        departures.length > 0 ? target.put("departures", departures) : null,
        arrivals.length > 0 ? target.put("arrivals", arrivals) : null,
      ]);
      return departures.length + arrivals.length;
    },
    get put() {
      return { departures: departed, arrivals: landed };
    },
  };
}

function takeUntil<Row>(events: readonly Timed<Row>[], from: number, endMs: number): readonly Row[] {
  const rows: Row[] = [];
  for (let at = from; at < events.length && events[at]!.timeMs < endMs; at += 1) rows.push(events[at]!.row);
  return rows;
}
