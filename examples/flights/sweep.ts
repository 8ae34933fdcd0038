import type { FeatureService, FeatureValue, Source } from "../../lib/define/types.ts";
import { createDecoder } from "../../lib/engine/decode.ts";
import { foldEvents, type ItemState } from "../../lib/engine/fold.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { readFeatures } from "../../lib/engine/read.ts";
import type { SourceEvent } from "../../lib/engine/record.ts";
import { buildVector, planVector } from "../../lib/engine/vector.ts";
import { arrivals, atDeparture, departures } from "./definitions.ts";
import type { FlightEvents, Timed } from "./events.ts";
import type { Flight } from "./flights.ts";
import { contextOf, keysOf } from "./request.ts";

/** Called at every departure with the vector of the model, as it is known then. */
export type VisitDeparture = (flight: Flight, vector: readonly number[]) => void;

/** Folds both streams in time order, in process, and reads what is known at every departure. */
export interface Sweep {
  /** Goes on with events that follow those given before. What happens in a minute is not known in that minute. */
  advance(events: FlightEvents, visit: VisitDeparture): void;
}

type Features = Readonly<Record<string, FeatureValue>>;

/** One view's items, by entity. */
interface ViewItems {
  readonly plan: ViewPlan;
  readonly items: Map<string, ItemState>;
  /** What was read in the current minute. */
  readonly read: Map<string, Features>;
}

const WRITER = "sweep/0";

/**
 * Starts a sweep with nothing folded: the engine's own decode, fold, read and vector, with no stream or table between,
 * so that a training set holds what serving answers at lag 0.
 *
 * @example
 * ```ts
 * const sweep = startSweep();
 * sweep.advance(await loadEvents(connection, week), (flight, vector) => rows.push(vector));
 * ```
 */
export function startSweep(service: FeatureService = atDeparture): Sweep {
  const views = new Map<string, ViewItems>();
  for (const { view } of Object.values(service.views)) {
    if (!views.has(view.name))
      views.set(view.name, { plan: planView(view), items: new Map(), read: new Map() });
  }
  const vector = planVector(service);
  const aliases = Object.entries(service.views).map(([alias, { view, keys }]) => {
    const items = views.get(view.name)!;
    const fields = view.entity.map((field) => keys[field] as "origin" | "destination");
    return { alias, items, fields };
  });
  const streams = [departures, arrivals].map((source) => startStream(source, [...views.values()]));

  function visitDeparture(flight: Flight, visit: VisitDeparture): void {
    const keys = keysOf(flight);
    const features: Record<string, Features> = {};
    for (const { alias, items, fields } of aliases) {
      features[alias] = readEntity(items, fields.map((field) => keys[field]).join("|"), flight.scheduledMs);
    }
    visit(
      flight,
      buildVector(vector, { features, request: contextOf(flight), asOfMs: flight.scheduledMs }).values,
    );
  }

  return {
    advance: ({ departures, arrivals }, visit) => {
      let departed = 0;
      let landed = 0;
      while (departed < departures.length || landed < arrivals.length) {
        const minuteMs = Math.min(
          departures[departed]?.timeMs ?? Number.POSITIVE_INFINITY,
          arrivals[landed]?.timeMs ?? Number.POSITIVE_INFINITY,
        );
        const departing = takeMinute(departures, departed, minuteMs);
        const landing = takeMinute(arrivals, landed, minuteMs);
        departed += departing.length;
        landed += landing.length;
        for (const { flight } of departing) visitDeparture(flight, visit);
        for (const { read } of views.values()) read.clear();
        streams[0]!(departing);
        streams[1]!(landing);
      }
    },
  };
}

function takeMinute<Row>(
  events: readonly Timed<Row>[],
  from: number,
  minuteMs: number,
): readonly Timed<Row>[] {
  let end = from;
  while (events[end]?.timeMs === minuteMs) end += 1;
  return events.slice(from, end);
}

function readEntity({ plan, items, read }: ViewItems, key: string, asOfMs: number): Features {
  const known = read.get(key);
  if (known !== undefined) return known;
  const item = items.get(key);
  const { values } = readFeatures(
    plan,
    item === undefined ? [] : [{ writer: WRITER, image: item.image }],
    asOfMs,
  );
  const features = Object.fromEntries(
    plan.features.map(({ feature }, index) => [feature.name, values[index]!]),
  );
  read.set(key, features);
  return features;
}

/** A stream of one shard: decodes the events of a minute and folds them into every view of the source. */
function startStream(
  source: Source,
  views: readonly ViewItems[],
): (minute: readonly Timed<Readonly<Record<string, unknown>>>[]) => void {
  const decode = createDecoder(source);
  const readers = views.filter(({ plan }) => plan.view.source === source);
  const text = new TextEncoder();
  let sequence = 0;
  return (minute) => {
    const events = minute.map(({ row, timeMs }): SourceEvent => {
      sequence += 1;
      const decoded = decode(
        {
          data: text.encode(JSON.stringify(row)),
          partitionKey: String(row[source.partitionKey]),
          sequenceNumber: String(sequence),
          approximateArrivalMs: timeMs,
        },
        { writer: WRITER, hashRange: null },
      );
      if (decoded.kind !== "event")
        throw new Error(`${source.name}: an event was not decoded: ${decoded.kind}`);
      return decoded;
    });
    for (const { plan, items } of readers) {
      for (const [key, ofEntity] of groupByEntity(plan, events)) {
        const { item } = foldEvents({ plan, writer: WRITER, item: items.get(key), events: ofEntity });
        if (item !== undefined) items.set(key, item);
      }
    }
  };
}

function groupByEntity(plan: ViewPlan, events: readonly SourceEvent[]): ReadonlyMap<string, SourceEvent[]> {
  const groups = new Map<string, SourceEvent[]>();
  for (const event of events) {
    const key = plan.view.entity.map((field) => event.row[field]).join("|");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [event]);
    else group.push(event);
  }
  return groups;
}
