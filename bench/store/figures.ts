import { spreadOf } from "../measure/spread.ts";
import type { Figure } from "../report/figure.ts";
import type { StoreCase, StoreCounts } from "./count-store.ts";

const WRITE_UNIT_BYTES = 1_024;

/** How near the floor the write units should stay while every item takes one. */
const FLOOR_GOAL = 1.05;

/** A case's counts per 1,000 events. */
export function storeFigures(storeCase: StoreCase, counts: StoreCounts): readonly Figure[] {
  const { keys, distribution, batch, delivery } = storeCase;
  const { events, writeUnits, readUnits, meter, updates, itemBytes } = counts;
  const about = {
    case: `${keys.toLocaleString("en")} keys, ${distribution}, batches of ${batch.toLocaleString("en")}, ${delivery}`,
    better: "lower",
  } as const;
  const perThousand = (measure: string, count: number, unit = "per 1,000 events"): Figure => ({
    ...about,
    measure,
    unit,
    runs: [(count / events) * 1000],
  });
  const { median, highest } = spreadOf(itemBytes);
  // Failed conditions are what a double delivery costs; no floor knows them.
  const isAimedAt = delivery !== "every batch to two processes at once";
  const ratio = (measure: string, count: number, hasGoal: boolean): Figure => ({
    ...about,
    measure,
    unit: "ratio",
    runs: [count / updates.cards],
    ...(isAimedAt && hasGoal ? { goal: FLOOR_GOAL } : {}),
  });
  return [
    ratio("write units to the floor", writeUnits, highest < WRITE_UNIT_BYTES),
    ratio("writes to the floor, whatever their units", meter.writeCalls, true),
    perThousand("write units, progress included", writeUnits),
    perThousand("floor: one unit a card and batch", updates.cards),
    perThousand("one update a card, tile and batch", updates.batchTiles),
    perThousand("one update an event and tile", updates.eventTiles),
    perThousand("read units", readUnits),
    perThousand("read calls", meter.readCalls),
    perThousand("failed conditions", meter.failedConditions),
    { ...about, measure: "median item", unit: "bytes", runs: [median] },
    { ...about, measure: "largest item", unit: "bytes", runs: [highest] },
  ];
}
