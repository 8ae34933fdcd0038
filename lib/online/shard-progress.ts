import type { Source } from "../define/types.ts";
import type { PassingDecoder } from "../engine/decode.ts";
import type { ViewPlan } from "../engine/plan.ts";
import { compareSequenceNumbers } from "../engine/position.ts";
import type { DeliveredRecord } from "../engine/record.ts";
import type { CapacityMeter } from "./capacity-meter.ts";
import { decodeBatch } from "./decode-batch.ts";
import { hasBegun, progressIn, progressKey, type ShardProgress } from "./progress.ts";
import { isSameRelease, noteRelease, releasedViewsKey } from "./released-views.ts";
import { inheritMarks } from "./returned-views.ts";
import type { ShardWithAncestors } from "./shard-ancestors.ts";
import type { StateStore, StoredItem } from "./state-store.ts";

/** What a batch's progress is read for. */
export interface ShardReading {
  readonly store: StateStore;
  readonly source: Source;
  readonly decode: PassingDecoder["decode"];
  readonly plans: readonly ViewPlan[];
  readonly aggregator: string;
  readonly shard: ShardWithAncestors;
  /** One at least. */
  readonly records: readonly DeliveredRecord[];
  readonly meter: CapacityMeter;
}

/**
 * The views' progress in a shard, by one strongly consistent read. A batch that is the first of another release, or of a
 * view, has what follows from that written before: nothing is folded until it stands.
 *
 * @throws FreshetError `STORE_UNAVAILABLE`
 */
export async function readShardProgress(reading: ShardReading): Promise<ReadonlyMap<string, ShardProgress>> {
  const { store, source, plans, aggregator, shard, records, meter } = reading;
  const viewIds = plans.map(({ id }) => id);
  const viewsKey = releasedViewsKey(shard.writer);
  const keys = [...viewIds.map((viewId) => progressKey(viewId, shard.writer)), viewsKey];
  const read = () => store.get(keys, { consistent: true, meter });
  const items = await read();
  const progress = progressIn(items, viewIds, shard.writer);
  const noted = items.get(viewsKey);
  let isAmended = false;
  if (!isSameRelease(noted, { aggregator, plans })) {
    isAmended = await noteFirstBatch(reading, noted, [...progress.values()]);
  }
  const unbegun = viewIds.filter((viewId) => !hasBegun(progress.get(viewId)));
  if (unbegun.length > 0) {
    const firstStampMs = records[0]!.approximateArrivalMs;
    const inheriting = { shard, firstStampMs, retentionMs: source.retentionMs };
    if (await inheritMarks(store, unbegun, inheriting)) isAmended = true;
  }
  return isAmended ? progressIn(await read(), viewIds, shard.writer) : progress;
}

/** Whether a view warms again. */
async function noteFirstBatch(
  { store, source, decode, plans, aggregator, shard, records, meter }: ShardReading,
  noted: StoredItem | undefined,
  progress: readonly ShardProgress[],
): Promise<boolean> {
  let lastEvent = -1;
  const batch = decodeBatch(source, decode, shard, records, (_, index) => {
    lastEvent = index;
  });
  const firstMs = batch.arrivalsMs.find((arrivalMs) => !Number.isNaN(arrivalMs));
  const fromMs = Math.max(firstMs ?? 0, ...progress.map(({ arrivalMs }) => arrivalMs));
  // Where nothing has an arrival there is none to warm from; the next batch is another release's still.
  if (fromMs === 0) return false;
  const last = batch.records.at(-1)!.sequenceNumber;
  return noteRelease(store, {
    aggregator,
    plans,
    shard,
    noted,
    fromMs,
    lastRecord: batch.records[lastEvent]?.sequenceNumber ?? null,
    isFoldedBefore: progress.some(({ sequenceNumber }) => compareSequenceNumbers(sequenceNumber, last) >= 0),
    meter,
  });
}
