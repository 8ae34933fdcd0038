import type { FeatureValue } from "../define/types.ts";
import type { Scalar } from "../define/where.ts";
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

/** One entity of one view, to be read. */
export interface FeatureRequest {
  readonly plan: ViewPlan;
  /** The key's values in the order of `view.entity`; empty for a view with no entity. */
  readonly key: readonly Scalar[];
}

/** How far one item was folded when it was read (R9). */
export interface ReadPosition {
  readonly writer: string;
  readonly sequenceNumber: string;
}

/** What was read of one entity. */
export interface FeatureReading {
  readonly view: string;
  readonly version: number;
  readonly key: readonly Scalar[];
  /** False when the entity was never seen, or has expired (R7). */
  readonly known: boolean;
  readonly values: Readonly<Record<string, FeatureValue>>;
  /** Epoch ms. */
  readonly asOfMs: number;
  /** Null when the view's progress is not known. */
  readonly lagMs: number | null;
  readonly slaMs: number;
  readonly status: FreshnessStatus;
  /** Whether the view has folded for less long than its longest window, whatever the status; null: not known. */
  readonly warming: boolean | null;
  /** False when the items were read eventually. */
  readonly consistent: boolean;
  readonly positions: readonly ReadPosition[];
}

export interface FeatureReader {
  /**
   * Reads any number of entities at one as-of time, the clock's. `readings[i]` answers `requests[i]`.
   *
   * @throws FreshetError `ENTITY_KEY_INVALID` for a key that cannot name an entity, `STORE_UNAVAILABLE`,
   *   `AS_OF_TOO_OLD` when the clock is behind an item's newest event by more than the slack.
   */
  read(
    requests: readonly FeatureRequest[],
    options?: { readonly consistent?: boolean },
  ): Promise<readonly FeatureReading[]>;
}

export interface FeatureReaderOptions {
  readonly store: StateStore;
  readonly clock: Clock;
  /**
   * How long a stream's shards are remembered.
   * @default 10000
   */
  readonly controlMs?: number;
  /**
   * How long progress is remembered: lag is overstated by as much. A shard marked unknown is seen so much later.
   * @default 500
   */
  readonly progressMs?: number;
  readonly meter?: CapacityMeter;
  /** Runs a function once the callers of this moment have asked, for {@link coalesceReads}. */
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

  return {
    async read(requests, { consistent = true } = {}) {
      if (requests.length === 0) return [];
      const keys = requests.map(({ plan, key }) => entityKey(plan, key));
      const controls = await readControl(
        distinct(requests.map(({ plan }) => controlKey(plan.view.source.name))),
      );
      const targets = requests.map((request, i): Target => {
        const control = controls.get(controlKey(request.plan.view.source.name));
        return target(request, keys[i]!, control);
      });
      const progress = await readProgress(
        distinct(
          targets.flatMap(({ request: { plan }, shards }) =>
            shards.map(({ writer }) => progressKey(plan.id, writer)),
          ),
        ),
      );
      const pks = distinct(targets.flatMap(({ items }) => items.map(({ pk }) => pk)));
      const items = pks.length === 0 ? new Map<string, StoredItem>() : await get(pks, { consistent, meter });
      const asOfMs = clock.now();
      const freshness = new Map<string, Freshness>();
      return targets.map((each) => {
        const { plan } = each.request;
        const shared = `${plan.id} ${each.shards.map(({ writer }) => writer).join(" ")}`;
        let judged = freshness.get(shared);
        if (judged === undefined) {
          const combined = combineProgress(each.shards, (writer) =>
            progress.get(progressKey(plan.id, writer)),
          );
          judged = judgeFreshness(plan, combined, { asOfMs, consistent });
          freshness.set(shared, judged);
        }
        return reading(each, items, judged, { asOfMs, consistent });
      });
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

function reading(
  { request: { plan, key: values }, key, items }: Target,
  stored: ReadonlyMap<string, StoredItem>,
  freshness: Freshness,
  { asOfMs, consistent }: { readonly asOfMs: number; readonly consistent: boolean },
): FeatureReading {
  const { view } = plan;
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
  const { known, values: features } = readFeatures(plan, images, asOfMs);
  return {
    view: view.name,
    version: view.version,
    key: values,
    known,
    values: Object.fromEntries(view.features.map((feature, i) => [feature.name, features[i] ?? null])),
    asOfMs,
    lagMs: freshness.lagMs,
    slaMs: view.slaMs,
    status: freshness.status,
    warming: freshness.warming,
    consistent,
    positions,
  };
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
