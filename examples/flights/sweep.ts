import type { FeatureService, FeatureValue, Source } from "../../lib/define/types.ts";
import { createDecoder, type ShardContext } from "../../lib/engine/decode.ts";
import { foldEvents, type ItemState } from "../../lib/engine/fold.ts";
import { type HashRange, hashRange, partitionHash, rangeHolds } from "../../lib/engine/partition-hash.ts";
import { planView, type ViewPlan } from "../../lib/engine/plan.ts";
import { readFeatures } from "../../lib/engine/read.ts";
import type { SourceEvent } from "../../lib/engine/record.ts";
import { buildVector, planVector } from "../../lib/engine/vector.ts";
import { arrivals, atDeparture, departures } from "./definitions.ts";
import { deliverOnTime } from "./deliver/deliver-events.ts";
import { type Deliveries, type Delivery, isSound, recordOf } from "./deliver/delivery.ts";
import type { FlightEvents } from "./events.ts";
import type { Flight } from "./flights.ts";
import { contextOf, keysOf } from "./request.ts";

/** Called at every departure with the vector of the model, as it is known then. */
export type VisitDeparture = (flight: Flight, vector: readonly number[]) => void;

/** Folds both streams in the order of delivery, in process, and reads what is known at every departure. */
export interface Sweep {
  /**
   * Goes on with events that follow those given before. What is put in a minute is not known in that minute.
   *
   * @param deliveries - What is put meanwhile. @default every event at its time
   */
  advance(events: FlightEvents, visit: VisitDeparture, deliveries?: Deliveries): void;
}

type Features = Readonly<Record<string, FeatureValue>>;

/** One view's items, by entity. */
interface ViewItems {
  readonly plan: ViewPlan;
  /** Each with the writers that have an item of their own: one for a view with a single writer. */
  readonly items: Map<string, Map<string, ItemState>>;
  /** What was read in the current minute. */
  readonly read: Map<string, Features>;
}

/** What the one item of an entity with a single writer is kept under. */
const ONE_ITEM = "";

/**
 * Starts a sweep with nothing folded: the engine's own decode, fold, read and vector, with no stream or table between,
 * so that a training set holds what serving answers at lag 0.
 *
 * @param options.shards - Of each stream. They make a difference only to records that come twice. @default 1
 *
 * @example
 * ```ts
 * const sweep = startSweep();
 * sweep.advance(await loadEvents(connection, week), (flight, vector) => rows.push(vector));
 * ```
 */
export function startSweep(
  options: { readonly service?: FeatureService; readonly shards?: number } = {},
): Sweep {
  const { service = atDeparture, shards = 1 } = options;
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
  const foldDepartures = startStream(departures, [...views.values()], shards);
  const foldArrivals = startStream(arrivals, [...views.values()], shards);

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
    advance: (events, visit, deliveries = deliverOnTime(events, ALL_TIME)) => {
      const departing = takeMinutes(events.departures, ({ timeMs }) => timeMs);
      const departuresPut = takeMinutes(deliveries.departures, ({ atMs }) => atMs);
      const arrivalsPut = takeMinutes(deliveries.arrivals, ({ atMs }) => atMs);
      for (;;) {
        const minuteMs = Math.min(departing.nextMs(), departuresPut.nextMs(), arrivalsPut.nextMs());
        if (minuteMs === Number.POSITIVE_INFINITY) return;
        for (const { flight } of departing.take(minuteMs)) visitDeparture(flight, visit);
        for (const { read } of views.values()) read.clear();
        foldDepartures(departuresPut.take(minuteMs));
        foldArrivals(arrivalsPut.take(minuteMs));
      }
    },
  };
}

const ALL_TIME = { fromMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };

/** Takes from a list in the order of whole minutes what is of one minute. */
function takeMinutes<T>(items: readonly T[], timeOf: (item: T) => number) {
  let next = 0;
  return {
    nextMs: (): number => (next < items.length ? timeOf(items[next]!) : Number.POSITIVE_INFINITY),
    take: (minuteMs: number): readonly T[] => {
      const from = next;
      while (next < items.length && timeOf(items[next]!) === minuteMs) next += 1;
      return items.slice(from, next);
    },
  };
}

function readEntity({ plan, items, read }: ViewItems, key: string, asOfMs: number): Features {
  const known = read.get(key);
  if (known !== undefined) return known;
  const images = [...(items.get(key) ?? [])].map(([writer, { image }]) => ({ writer, image }));
  const { values } = readFeatures(plan, images, asOfMs);
  const features = Object.fromEntries(
    plan.features.map(({ feature }, index) => [feature.name, values[index]!]),
  );
  read.set(key, features);
  return features;
}

/** A stream: decodes the records of a minute, shard by shard, and folds them into every view of the source. */
function startStream(
  source: Source,
  views: readonly ViewItems[],
  shards: number,
): (minute: readonly Delivery[]) => void {
  const decode = createDecoder(source);
  const readers = views.filter(({ plan }) => plan.view.source === source);
  const writers = shardContexts(shards);
  const shardOf = (partitionKey: string, explicitHashKey: string | undefined) => {
    const hash =
      explicitHashKey === undefined
        ? partitionHash(partitionKey)
        : BigInt(explicitHashKey).toString(16).padStart(32, "0");
    return writers.find(({ hashRange }) => rangeHolds(hashRange, hash))!;
  };
  let sequence = 0;
  return (minute) => {
    const events = new Map<ShardContext, SourceEvent[]>(writers.map((shard) => [shard, []]));
    for (const delivery of minute) {
      const { data, partitionKey, explicitHashKey } = recordOf(delivery);
      const shard = writers.length === 1 ? writers[0]! : shardOf(partitionKey, explicitHashKey);
      sequence += 1;
      const sequenceNumber = String(sequence);
      const record = { data, partitionKey, sequenceNumber, approximateArrivalMs: delivery.atMs };
      const decoded = decode(record, shard);
      if (decoded.kind === "event") events.get(shard)!.push(decoded);
      else if (isSound(delivery.kind))
        throw new Error(`${source.name}: an event was not decoded: ${decoded.kind}`);
    }
    for (const { plan, items } of readers) {
      for (const [{ writer }, ofShard] of events) {
        for (const [key, ofEntity] of groupByEntity(plan, ofShard))
          foldEntity(plan, items, key, writer, ofEntity);
      }
    }
  };
}

function foldEntity(
  plan: ViewPlan,
  items: ViewItems["items"],
  key: string,
  writer: string,
  events: readonly SourceEvent[],
): void {
  const ofEntity = items.get(key) ?? new Map<string, ItemState>();
  const place = plan.singleWriter ? ONE_ITEM : writer;
  const { item } = foldEvents({ plan, writer, item: ofEntity.get(place), events });
  if (item === undefined) return;
  ofEntity.set(place, item);
  items.set(key, ofEntity);
}

/** Shards as Kinesis cuts the ring of hashes: in equal parts, the last with what is left over. */
function shardContexts(shards: number): readonly (ShardContext & { readonly hashRange: HashRange })[] {
  const width = 2n ** 128n / BigInt(shards);
  return Array.from({ length: shards }, (_, index) => {
    const start = width * BigInt(index);
    const end = index === shards - 1 ? 2n ** 128n : start + width;
    return { writer: `sweep/${index}`, hashRange: hashRange(String(start), String(end - 1n)) };
  });
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
