import { createHash } from "node:crypto";
import type { Deliveries, Delivery, DeliveryKind } from "../deliver/delivery.ts";
import { type ItemCounts, type ItemModel, type ModelLevel, modelItem } from "./item-model.ts";
import type { FoldedRecords } from "./recount.ts";
import { forEachView, RECOUNTED_VIEWS, type RecountedView, recountedFeatures } from "./recount-views.ts";

/** Why a record goes to quarantine, as Freshet names it. */
export type ExpectedReason = "malformed" | "schema" | "kpl-aggregated" | "wrong-partition-key" | "future";

/** What should become of the records delivered to a view. */
export interface ViewVerdicts {
  /** The records folded, in the order of delivery. */
  readonly folded: readonly Delivery[];
  /** Of all records. */
  readonly total: ItemCounts;
  /** What the items should still hold of it: an item that expired starts again from nothing. */
  readonly held: ItemCounts;
  /** What went with items that expired. */
  readonly cleared: ItemCounts;
  readonly quarantined: number;
  readonly reasons: Readonly<Partial<Record<ExpectedReason, number>>>;
}

/** What was done to a record says why no view takes it; null: it is sound. */
const REASONS: Readonly<Record<DeliveryKind, ExpectedReason | null>> = {
  "on-time": null,
  "out-of-order": null,
  late: null,
  duplicate: null,
  "not-json": "malformed",
  "not-text": "malformed",
  "wrong-type": "schema",
  aggregated: "kpl-aggregated",
  "wrong-partition-key": "wrong-partition-key",
  "wrong-shard": "wrong-partition-key",
  "future-dated": "future",
};

/** The verdicts of all views. */
export type Verdicts = Readonly<Record<RecountedView, ViewVerdicts>>;

/** Judges what was put for every view. */
export function judgeAll(deliveries: Deliveries, shards: number): Verdicts {
  return forEachView((view) => judgeDeliveries(view, deliveries[RECOUNTED_VIEWS[view].stream], shards));
}

/** The records that count in each view, for the recount. */
export function foldedRecords(verdicts: Verdicts): FoldedRecords {
  return forEachView((view) => verdicts[view].folded.map(({ flight, atMs }) => ({ row: flight.row, atMs })));
}

/**
 * Goes through a stream's records in the order they were put, and tells by brute force which of them a view folds.
 *
 * @param deliveries - Those of the view's stream.
 * @param shards - Where a view's key does not contain the partition key, each shard has an item of its own.
 */
export function judgeDeliveries(
  view: RecountedView,
  deliveries: readonly Delivery[],
  shards: number,
): ViewVerdicts {
  const items = new Map<string, ItemModel>();
  const levels = levelsOf(view);
  const folded: Delivery[] = [];
  const reasons: Partial<Record<ExpectedReason, number>> = {};
  let quarantined = 0;
  for (const delivery of deliveries) {
    const reason = REASONS[delivery.kind];
    if (reason !== null) {
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      quarantined += 1;
      continue;
    }
    const key = itemOf(view, delivery, shards);
    let item = items.get(key);
    if (item === undefined) {
      item = modelItem(levels);
      items.set(key, item);
    }
    const { flight, timeMs } = delivery;
    if (item.deliver({ id: flight.row, timeMs }) === "folded") folded.push(delivery);
  }
  const all = [...items.values()];
  const total = addUp(all.map((item) => item.total));
  const held = addUp(all.map((item) => item.held));
  return {
    folded,
    total,
    held,
    cleared: {
      folded: total.folded - held.folded,
      duplicate: total.duplicate - held.duplicate,
      late: total.late - held.late,
    },
    quarantined,
    reasons,
  };
}

function levelsOf(view: RecountedView): readonly ModelLevel[] {
  const widths = new Map<number, number>();
  for (const { window } of recountedFeatures(view)) {
    widths.set(window.hopMs, Math.max(widths.get(window.hopMs) ?? 0, window.widthMs));
  }
  return [...widths].map(([hopMs, widthMs]) => ({ hopMs, widthMs }));
}

function itemOf(view: RecountedView, { stream, flight }: Delivery, shards: number): string {
  const key: readonly ("origin" | "destination")[] = RECOUNTED_VIEWS[view].key;
  const partitionField = stream === "departures" ? "origin" : "destination";
  const entity = key.map((field) => flight[field]).join("|");
  return key.includes(partitionField) ? entity : `${entity} ${shardOf(flight[partitionField], shards)}`;
}

/** Shards cut the ring of MD5 hashes in equal parts; the last takes what is left over. */
export function shardOf(partitionKey: string, shards: number): number {
  const hash = BigInt(`0x${createHash("md5").update(partitionKey).digest("hex")}`);
  const width = 2n ** 128n / BigInt(shards);
  return Math.min(Number(hash / width), shards - 1);
}

function addUp(counts: readonly ItemCounts[]): ItemCounts {
  const sum = { folded: 0, duplicate: 0, late: 0 };
  for (const { folded, duplicate, late } of counts) {
    sum.folded += folded;
    sum.duplicate += duplicate;
    sum.late += late;
  }
  return sum;
}
