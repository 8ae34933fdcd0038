import { pick, seededRandom } from "../../statistics/random.ts";
import type { FlightEvents } from "../events.ts";
import { type Flight, MINUTE_MS, type TimeRange } from "../flights.ts";
import { RECOUNTED_VIEW_NAMES, RECOUNTED_VIEWS, type RecountedView } from "./recount-views.ts";

/** An entity to read at a moment. */
export interface ChosenEntity {
  readonly view: RecountedView;
  /** Values in the order of the view's entity; none for a view with no entity. */
  readonly key: readonly string[];
}

const SEED = 20010507;
/** Airports that no flight of the file touches: never seen. */
const ABSENT_AIRPORTS = ["ZZZ", "QQQ", "X-Ray"] as const;

/**
 * Moments spread over a range: it is cut in `count` parts and each gives one whole minute, one with departures where
 * it has any. In time order; fewer where the range is too short.
 */
export function chooseMoments(events: FlightEvents, range: TimeRange, count: number): readonly number[] {
  const random = seededRandom(SEED);
  const minutes = [...new Set(events.departures.map((event) => event.timeMs))];
  const moments = new Set<number>();
  for (let part = 0; part < count; part += 1) {
    const fromMs = range.fromMs + ((range.endMs - range.fromMs) * part) / count;
    const endMs = range.fromMs + ((range.endMs - range.fromMs) * (part + 1)) / count;
    const candidates = minutes.filter((minute) => minute >= fromMs && minute < endMs);
    const anyMinute = Math.ceil((fromMs + random() * (endMs - fromMs)) / MINUTE_MS) * MINUTE_MS;
    moments.add(candidates.length > 0 ? pick(random, candidates) : Math.min(anyMinute, range.endMs));
  }
  return [...moments].sort((left, right) => left - right);
}

/**
 * Chooses `count` different entities over all views: mostly of flights of the range (some of which have not flown
 * yet at the moment), one in eight of airports or routes that do not exist.
 */
export function chooseEntities(
  events: FlightEvents,
  momentMs: number,
  count: number,
): readonly ChosenEntity[] {
  const random = seededRandom(SEED ^ (momentMs / MINUTE_MS));
  const views = RECOUNTED_VIEW_NAMES;
  const someEvents = events.departures.length > 0 ? events.departures : events.arrivals;
  const chosen = new Map<string, ChosenEntity>();
  for (let attempt = 0; chosen.size < count && attempt < 50 * count; attempt += 1) {
    const view = views[attempt % views.length]!;
    const flight = pick<{ readonly flight: Flight }>(random, someEvents).flight;
    const absent = random() < 1 / 8;
    const key = RECOUNTED_VIEWS[view].key.map((field) =>
      absent ? pick(random, ABSENT_AIRPORTS) : flight[field],
    );
    chosen.set(`${view} ${key.join("|")}`, { view, key });
  }
  return [...chosen.values()];
}
