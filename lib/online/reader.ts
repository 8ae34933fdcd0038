import { FreshetError } from "../define/error.ts";
import type { FeatureValue } from "../define/types.ts";
import type { Scalar } from "../define/where.ts";
import { readHistory, type ViewHistory } from "../engine/history.ts";
import { type EntityKey, entityKey, itemKey } from "../engine/key.ts";
import type { ViewPlan } from "../engine/plan.ts";
import type { Clock } from "../engine/ports/clock.ts";
import { decodePosition } from "../engine/position.ts";
import { type ItemImage, readFeatures } from "../engine/read.ts";
import type { CapacityMeter } from "./capacity-meter.ts";
import { coalesceReads } from "./coalesce-reads.ts";
import { type ControlShard, controlKey, parseControl, type StreamControl, shardsOfKey } from "./control.ts";
import {
  combineProgress,
  currentShards,
  type Freshness,
  type FreshnessStatus,
  judgeFreshness,
} from "./freshness.ts";
import { entityState } from "./items.ts";
import { parseProgress, progressKey, type ShardProgress } from "./progress.ts";
import { rememberReads } from "./remembered.ts";
import type { StateStore, StoredItem } from "./state-store.ts";
import { type ViewFreshness, viewFreshness } from "./view-freshness.ts";

/** One entity of one view, to be read. */
export interface FeatureRequest {
  /** The view, made ready by {@link planView}. */
  readonly plan: ViewPlan;
  /** The key's values in the order of `view.entity`; empty for a view with no entity. */
  readonly key: readonly Scalar[];
}

/** How far one item was folded when it was read (R9). */
export interface ReadPosition {
  /** Stream incarnation and shard. */
  readonly writer: string;
  /** Of the last record that the item holds of it. */
  readonly sequenceNumber: string;
}

/** What every reading of an entity says of itself. */
export interface EntityReading {
  readonly view: string;
  readonly version: number;
  readonly key: readonly Scalar[];
  /** False when the entity was never seen, or has expired (R7). */
  readonly known: boolean;
  /** Epoch ms. */
  readonly asOfMs: number;
  /** Null when the view's progress is not known. */
  readonly lagMs: number | null;
  /** How far behind it may be before it is stale. */
  readonly slaMs: number;
  /** By lag and SLA. */
  readonly status: FreshnessStatus;
  /** Whether a window may lack events from before the view began, whatever the status; null: not known. */
  readonly warming: boolean | null;
  /** False when the items were read eventually. */
  readonly consistent: boolean;
  /** How far each item that was read had been folded. */
  readonly positions: readonly ReadPosition[];
}

/** An entity's features. */
export interface FeatureReading extends EntityReading {
  /** By feature name. */
  readonly values: Readonly<Record<string, FeatureValue>>;
}

/** An entity's tiles. */
export interface HistoryReading extends EntityReading, Omit<ViewHistory, "known"> {}

/** Which tiles to read: of all features where none is named, and of all time that is kept where no end is. */
export interface HistoryRange {
  readonly features?: readonly string[];
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** Reads features, tiles and freshness from the online store. Made by {@link createReader}. */
export interface FeatureReader {
  /**
   * Reads any number of entities at one as-of time, the clock's. `readings[i]` answers `requests[i]`.
   *
   * @throws FreshetError `ENTITY_KEY_INVALID` for a key that cannot name an entity, `STORE_UNAVAILABLE`,
   *   `AS_OF_TOO_OLD` when the clock is behind an item's newest event by more than the slack.
   */
  read(requests: readonly FeatureRequest[], options?: ReadOptions): Promise<readonly FeatureReading[]>;
  /**
   * As `read`, but an entity that cannot be read is answered by its error, beside the others' readings.
   *
   * @throws FreshetError `STORE_UNAVAILABLE`: then nothing was read.
   */
  readEach(
    requests: readonly FeatureRequest[],
    options?: ReadOptions,
  ): Promise<readonly (FeatureReading | FreshetError)[]>;
  /**
   * Reads one entity's tiles as time series, as of the clock's time.
   *
   * @throws FreshetError as `read` does.
   */
  readHistory(request: FeatureRequest, range?: HistoryRange & ReadOptions): Promise<HistoryReading>;
  /**
   * How fresh views are, by shard. `answers[i]` is of `plans[i]`.
   *
   * @throws FreshetError `STORE_UNAVAILABLE`
   */
  freshness(plans: readonly ViewPlan[]): Promise<readonly ViewFreshness[]>;
}

/** How to read. */
export interface ReadOptions {
  /** Strongly consistent, or eventual at half the price. @default true */
  readonly consistent?: boolean;
}

/** What {@link createReader} takes. */
export interface FeatureReaderOptions {
  /** Where the aggregators write. */
  readonly store: StateStore;
  /** What as-of times and lags go by. */
  readonly clock: Clock;
  /**
   * How long a stream's shards are remembered, in milliseconds.
   * @default 10000
   */
  readonly controlMs?: number;
  /**
   * How long progress is remembered, in milliseconds: lag is overstated by as much. A shard marked unknown is seen so much later.
   * @default 500
   */
  readonly progressMs?: number;
  /** Adds up what the reads cost. @default nothing is counted */
  readonly meter?: CapacityMeter;
  /**
   * Runs a function once the callers of this moment have asked, so that their reads are one call.
   * @default setImmediate
   */
  readonly defer?: (run: () => void) => void;
}

interface Target {
  readonly request: FeatureRequest;
  readonly key: EntityKey;
  /** Shards whose progress tells the lag. */
  readonly shards: readonly ControlShard[];
  /** The items to read, each with the writer that it is merged under. */
  readonly items: readonly { readonly pk: string; readonly writer: string }[];
}

/**
 * Makes the reader of the online store. Shards and progress are read before the items, so that an answer is never
 * older than its lag says; all items of a call are one round trip.
 *
 * @example
 * ```ts
 * const reader = createReader({ store, clock: systemClock });
 * const [reading] = await reader.read([{ plan: planView(card), key: ["A7"] }]);
 * console.log(reading?.values.spend_5m, reading?.status, reading?.lagMs);
 * ```
 */
export function createReader(options: FeatureReaderOptions): FeatureReader {
  const { store, clock, controlMs = 10_000, progressMs = 500, meter, defer } = options;
  const get = coalesceReads(store, defer);
  const readControl = rememberReads<StreamControl>({
    clock,
    keepMs: controlMs,
    read: async (keys) => mapValues(await get(keys, { consistent: true, meter }), parseControl),
  });
  const readProgress = rememberReads<ShardProgress>({
    clock,
    keepMs: progressMs,
    read: async (keys) => mapValues(await get(keys, { consistent: true, meter }), parseProgress),
  });

  /** The entities' items and their views' freshness, in that one order: progress first (R11). */
  async function readItems(
    requests: readonly FeatureRequest[],
    { consistent = true }: ReadOptions,
  ): Promise<readonly (ItemsRead | FreshetError)[]> {
    if (requests.length === 0) return [];
    const keys = requests.map(({ plan, key }) => attempt(() => entityKey(plan, key)));
    const controls = await readControl(
      distinct(requests.map(({ plan }) => controlKey(plan.view.source.name))),
    );
    const targets = requests.map((request, i): Target | FreshetError => {
      const key = keys[i]!;
      const control = controls.get(controlKey(request.plan.view.source.name));
      return key instanceof FreshetError ? key : target(request, key, control);
    });
    const found = targets.flatMap((each) => (each instanceof FreshetError ? [] : [each]));
    const progress = await readProgress(
      distinct(
        found.flatMap(({ request: { plan }, shards }) =>
          shards.map(({ writer }) => progressKey(plan.id, writer)),
        ),
      ),
    );
    const pks = distinct(found.flatMap(({ items }) => items.map(({ pk }) => pk)));
    const stored = pks.length === 0 ? new Map<string, StoredItem>() : await get(pks, { consistent, meter });
    const asOfMs = clock.now();
    const freshness = new Map<string, Freshness>();
    return targets.map((each) => {
      if (each instanceof FreshetError) return each;
      const { plan } = each.request;
      const shared = `${plan.id} ${each.shards.map(({ writer }) => writer).join(" ")}`;
      let judged = freshness.get(shared);
      if (judged === undefined) {
        const combined = combineProgress(each.shards, (writer) => progress.get(progressKey(plan.id, writer)));
        judged = judgeFreshness(plan, combined, { asOfMs, consistent });
        freshness.set(shared, judged);
      }
      const { key, items } = each;
      return { request: each.request, key, items, stored, freshness: judged, asOfMs, consistent };
    });
  }

  async function readEach(
    requests: readonly FeatureRequest[],
    readOptions: ReadOptions = {},
  ): Promise<readonly (FeatureReading | FreshetError)[]> {
    const read = await readItems(requests, readOptions);
    return read.map((each) => (each instanceof FreshetError ? each : attempt(() => featureReading(each))));
  }

  return {
    readEach,
    async read(requests, readOptions) {
      return (await readEach(requests, readOptions)).map(orThrow);
    },
    async readHistory(request, { consistent = true, ...range } = {}) {
      const [read] = await readItems([request], { consistent });
      return historyReading(orThrow(read!), range);
    },
    async freshness(plans) {
      const controls = await readControl(distinct(plans.map(({ view }) => controlKey(view.source.name))));
      const shards = plans.map(({ view }) => {
        const control = controls.get(controlKey(view.source.name));
        return control === undefined ? [] : currentShards(control);
      });
      const progress = await readProgress(
        plans.flatMap(({ id }, i) => shards[i]!.map(({ writer }) => progressKey(id, writer))),
      );
      const asOfMs = clock.now();
      return plans.map((plan, i) =>
        viewFreshness(plan, shards[i]!, (writer) => progress.get(progressKey(plan.id, writer)), asOfMs),
      );
    },
  };
}

/** A stream that nothing has been folded of has no control item, and its views no items. */
function target(request: FeatureRequest, key: EntityKey, control: StreamControl | undefined): Target {
  const { plan } = request;
  const { entity, source } = plan.view;
  const current = control === undefined ? [] : currentShards(control);
  if (plan.singleWriter) {
    const partitionKey = String(request.key[entity.indexOf(source.partitionKey)]);
    return {
      request,
      key,
      shards: shardsOfKey(current, partitionKey),
      items: [{ pk: itemKey(key, null), writer: "" }],
    };
  }
  const items = (control?.shards ?? []).map(({ writer }) => ({ pk: itemKey(key, writer), writer }));
  return { request, key, shards: current, items };
}

/** The items of an entity as they were stored, not opened yet. */
interface ItemsRead extends Pick<Target, "request" | "key" | "items"> {
  readonly stored: ReadonlyMap<string, StoredItem>;
  readonly freshness: Freshness;
  readonly asOfMs: number;
  readonly consistent: boolean;
}

function featureReading(read: ItemsRead): FeatureReading {
  const { plan } = read.request;
  const { images, reading } = openEntity(read);
  const { known, values } = readFeatures(plan, images, read.asOfMs);
  return {
    ...reading,
    known,
    values: valuesByName(plan, values),
  };
}

/** A loop, for an object of pairs takes six times as long: of 100 entities, more than all else that a read does. */
function valuesByName({ features }: ViewPlan, values: readonly FeatureValue[]): Record<string, FeatureValue> {
  const named: Record<string, FeatureValue> = {};
  for (let i = 0; i < features.length; i++) named[features[i]!.feature.name] = values[i] ?? null;
  return named;
}

function historyReading(read: ItemsRead, range: HistoryRange): HistoryReading {
  const { images, reading } = openEntity(read);
  return { ...reading, ...readHistory(read.request.plan, images, { ...range, asOfMs: read.asOfMs }) };
}

function openEntity({ request, key, items, stored, freshness, asOfMs, consistent }: ItemsRead): {
  readonly images: readonly ItemImage[];
  readonly reading: Omit<EntityReading, "known">;
} {
  const { view } = request.plan;
  const images: ItemImage[] = [];
  const positions: ReadPosition[] = [];
  for (const { pk, writer } of items) {
    const item = stored.get(pk);
    if (item === undefined) continue;
    const state = entityState(item, key);
    images.push({ writer, image: state.image });
    for (const entry of decodePosition(state.position)) {
      positions.push({ writer: entry.writer, sequenceNumber: entry.sequenceNumber });
    }
  }
  const { name, version, slaMs } = view;
  return {
    images,
    reading: { view: name, version, key: request.key, asOfMs, slaMs, ...freshness, consistent, positions },
  };
}

/** What a read of one entity answers, or why it cannot be read. Faults that are none of ours are thrown on. */
function attempt<T>(read: () => T): T | FreshetError {
  try {
    return read();
  } catch (error) {
    if (error instanceof FreshetError) return error;
    throw error;
  }
}

function orThrow<T>(answer: T | FreshetError): T {
  if (answer instanceof FreshetError) throw answer;
  return answer;
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

function mapValues<V>(
  items: ReadonlyMap<string, StoredItem>,
  parse: (item: StoredItem) => V,
): ReadonlyMap<string, V> {
  return new Map([...items].map(([key, item]) => [key, parse(item)]));
}
