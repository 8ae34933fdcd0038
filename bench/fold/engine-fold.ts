import { createPassingDecoder } from "../../lib/engine/decode.ts";
import { foldBatch, type ItemState } from "../../lib/engine/fold.ts";
import { planView } from "../../lib/engine/plan.ts";
import { decodeBatch } from "../../lib/online/decode-batch.ts";
import { EntityDirectory } from "../../lib/online/entity-directory.ts";
import { EntityGroups } from "../../lib/online/group-by-entity.ts";
import { card, payments } from "../workload/card-view.ts";
import { SHARD } from "../workload/delivered-records.ts";
import type { FoldBatch } from "./batches.ts";

/** Whether an item's bytes are those that the last fold left in memory, or come anew from the table for each batch. */
export type ImageSource = "in memory" | "fetched";

/** A fold of batches into items, as the write loop does it between its reads and its writes. */
export interface EngineFold {
  /**
   * Decodes, checks, groups and folds a batch to bytes ready to be written.
   *
   * @returns the places of the records that were refused.
   */
  fold(batch: FoldBatch): readonly number[];
  readonly items: ReadonlyMap<string, ItemState>;
}

export function createEngineFold(images: ImageSource): EngineFold {
  const plan = planView(card);
  const { decode, fields } = createPassingDecoder(payments);
  const entities = new EntityDirectory(plan, fields);
  const items = new Map<string, ItemState>();
  const { writer } = SHARD;
  const stored =
    images === "fetched" ? (pk: string) => freshCopy(items.get(pk)) : (pk: string) => items.get(pk);
  return {
    items,
    fold({ records }) {
      const grouped = new EntityGroups(plan, entities, { writer, records: records.length });
      const batch = decodeBatch(payments, decode, SHARD, records, (event, index) =>
        grouped.add(event, index),
      );
      for (const group of grouped.groups()) {
        const { pk, events } = group;
        const { item } = foldBatch({ plan, writer, item: stored(pk), events, range: group });
        items.set(pk, item!);
      }
      return batch.rejected.map(({ index }) => index);
    },
  };
}

/** Bytes of their own for each batch, as an SDK's answer has them. */
function freshCopy(item: ItemState | undefined): ItemState | undefined {
  if (item === undefined) return undefined;
  return { position: new Uint8Array(item.position), image: new Uint8Array(item.image) };
}
