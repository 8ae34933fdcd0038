import { planView } from "../../lib/engine/plan.ts";
import type { DeliveredRecord } from "../../lib/engine/record.ts";
import { createMemoryObjectStore } from "../../lib/local/memory-object-store.ts";
import type { BatchReport } from "../../lib/online/batch-report.ts";
import { type CapacityMeter, createCapacityMeter } from "../../lib/online/capacity-meter.ts";
import { createDynamoStateStore } from "../../lib/online/dynamo-state-store.ts";
import { viewIdOf } from "../../lib/online/items.ts";
import { itemBytes, unmarshalItem } from "../../lib/online/marshal.ts";
import { createTable } from "../../lib/online/table.ts";
import { createWriteLoop } from "../../lib/online/write-loop.ts";
import { asDynamoDBClient } from "../../lib/testing/models/clients.ts";
import { createTableModel } from "../../lib/testing/models/table-model.ts";
import { cardEvents, FIRST_EVENT_MS } from "../workload/card-events.ts";
import { card, payments } from "../workload/card-view.ts";
import { deliveredRecord, inBatches, SHARD } from "../workload/delivered-records.ts";
import type { KeyDistribution } from "../workload/key-distribution.ts";
import { countUpdates, type UpdateCounts } from "./count-updates.ts";

/**
 * Who folds the batches: one process, whose images stay warm; two by turns, which must read what the other wrote; or two
 * at once, each of which is delivered every batch, so that conditions fail.
 */
export const DELIVERIES = [
  "one process",
  "two processes by turns",
  "every batch to two processes at once",
] as const;

export interface StoreCase {
  readonly keys: number;
  readonly distribution: KeyDistribution;
  readonly batch: number;
  readonly delivery: (typeof DELIVERIES)[number];
}

export interface StoreCounts {
  readonly events: number;
  readonly batches: number;
  /** As the table bills them, failed conditions included. */
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly meter: CapacityMeter;
  /** What other ways to keep the same features would write. */
  readonly updates: UpdateCounts;
  /** Sizes of the entities' items at the end, as DynamoDB counts them. */
  readonly itemBytes: readonly number[];
}

const TABLE = "features";

/**
 * Runs the write loop on a table in memory that bills as DynamoDB does. As many events
 * as are counted come before them, both in whole batches.
 */
export async function countStore(storeCase: StoreCase, events: number): Promise<StoreCounts> {
  const { keys, distribution, batch, delivery } = storeCase;
  const model = createTableModel({ clock: { now: () => FIRST_EVENT_MS } });
  const client = asDynamoDBClient(model.send);
  await createTable(client, TABLE);
  const objects = createMemoryObjectStore();
  const plans = [planView(card)];
  const loops = ["first", "second"].map((processId) =>
    createWriteLoop({
      source: payments,
      plans,
      store: createDynamoStateStore({ client, table: TABLE }),
      objects,
      processId,
    }),
  );
  const process = async (
    records: readonly DeliveredRecord[],
    number: number,
  ): Promise<readonly BatchReport[]> => {
    const folding = delivery === "one process" ? [loops[0]!] : loops;
    const called = delivery === "two processes by turns" ? [folding[number % 2]!] : folding;
    return await Promise.all(called.map((loop) => loop.processBatch({ shard: SHARD, records })));
  };
  const meter = createCapacityMeter();
  const updates = countUpdates();
  let before = { ...model.billed };
  let counted = 0;
  let index = 0;
  let number = 0;
  let batches = 0;
  for (const written of inBatches(
    cardEvents({ count: Number.POSITIVE_INFINITY, keys, distribution }),
    batch,
  )) {
    const isCounted = index >= events;
    if (!isCounted) before = { ...model.billed };
    const records = written.map((event) => deliveredRecord(event, index++));
    const reports = await process(records, number++);
    for (const { failures, capacity } of reports) {
      if (failures.length > 0) throw new Error("a batch was not finished.", { cause: failures[0] });
      if (isCounted)
        for (const name of Object.keys(meter) as (keyof CapacityMeter)[]) meter[name] += capacity[name];
    }
    if (!isCounted) {
      before = { ...model.billed };
      continue;
    }
    counted += records.length;
    batches++;
    updates.add(written);
    if (counted >= events) break;
  }
  return {
    events: counted,
    batches,
    writeUnits: model.billed.writeUnits - before.writeUnits,
    readUnits: model.billed.readUnits - before.readUnits,
    meter,
    updates: updates.counts,
    itemBytes: [...model.items(TABLE)]
      .filter(([pk]) => viewIdOf(pk) !== null)
      .map(([, item]) => itemBytes(unmarshalItem(item))),
  };
}
